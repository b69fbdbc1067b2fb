// Reads {list, requests: [[url, type], …]} from stdin; says which rules were understood, and which requests are stopped.
import { readFileSync } from 'node:fs';
import { FiltersEngine, Request, parseFilters } from '@ghostery/adblocker';

const { list, requests } = JSON.parse(readFileSync(0, 'utf8'));
const options = { debug: true, enableOptimizations: false };
const { networkFilters, cosmeticFilters, notSupportedFilters } = parseFilters(list, options);
const engine = FiltersEngine.parse(list, options);
const stopped = requests.map(([url, type]) => engine.match(Request.fromRawDetails({ url, type })).match);
const rules = networkFilters.map((filter) => filter.rawLine);
const others = cosmeticFilters.length + notSupportedFilters.filter((one) => one.filter && !/^[![]/.test(one.filter)).length;
console.log(JSON.stringify({ rules, others, stopped }));
