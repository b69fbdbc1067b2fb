// A consumer of a feed in Node.js, written from docs/feed.md, with nothing but Node's own modules. It answers the
// requests of the conformance pack: one JSON object a line on stdin, one a line on stdout.
import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { domainToASCII } from "node:url";

const PACK = process.env.DELIST_PACK ?? ".";

class Refusal extends Error {}
const refuse = (why) => { throw new Refusal(why); };
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const compare = (a, b) => Buffer.compare(a, b);

// Tags: BLAKE2b with key and personalisation, which Node's crypto does not offer.
const IV = [0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n, 0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n];
const SIGMA = ["0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
  "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0",
  "0123456789abcdef", "ea489fd61c02b753"].map((row) => [...row].map((digit) => parseInt(digit, 16)));
const MIX = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];
const word = (value) => BigInt.asUintN(64, value);
const turn = (value, by) => word((value >> by) | (value << (64n - by)));

function blake2b(text, size, key, person) {
  const parameters = Buffer.alloc(64);
  parameters.set([size, key.length, 1, 1]);
  parameters.write(person, 48, "ascii");
  const state = IV.map((iv, n) => iv ^ parameters.readBigUInt64LE(8 * n));
  const block = Buffer.alloc(128);
  key.copy(block);
  const data = Buffer.concat([block, Buffer.from(text, "utf8")]);
  for (let start = 0; start < data.length; start += 128) {
    const end = Math.min(start + 128, data.length);
    const chunk = Buffer.alloc(128);
    data.copy(chunk, 0, start, end);
    const v = [...state, ...IV];
    v[12] ^= BigInt(end);
    if (end === data.length) v[14] = word(~v[14]);
    for (const order of SIGMA) {
      MIX.forEach(([a, b, c, d], n) => {
        const [x, y] = [order[2 * n], order[2 * n + 1]].map((place) => chunk.readBigUInt64LE(8 * place));
        v[a] = word(v[a] + v[b] + x); v[d] = turn(v[d] ^ v[a], 32n); v[c] = word(v[c] + v[d]); v[b] = turn(v[b] ^ v[c], 24n);
        v[a] = word(v[a] + v[b] + y); v[d] = turn(v[d] ^ v[a], 16n); v[c] = word(v[c] + v[d]); v[b] = turn(v[b] ^ v[c], 63n);
      });
    }
    state.forEach((value, n) => { state[n] = value ^ v[n] ^ v[n + 8]; });
  }
  const out = Buffer.alloc(64);
  state.forEach((value, n) => out.writeBigUInt64LE(value, 8 * n));
  return out.subarray(0, size);
}
const entryTag = (text, key) => blake2b(text, 16, key, "delist-entry");
const phraseTag = (text, key) => blake2b(text, 16, key, "delist-query");
const hostTag = (text, key) => blake2b(text, 8, key, "delist-host");

// Addresses; a character is one byte (latin-1).
function address(url) {
  if (url.length > 65536) refuse("longer than 65,536 bytes");
  const raw = url.replace(/[\t\r\n]/g, "").replace(/^ +| +$/g, "");
  let text = raw.split("#", 1)[0];
  if (!text) refuse("an empty address");
  for (let before = null; before !== text;) {
    before = text;
    text = text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }
  const named = /^([a-z][a-z0-9+.-]*):/i.exec(text);
  const name = named?.[1].toLowerCase();
  let scheme = "http";
  if (name === "http" || name === "https") [scheme, text] = [name, text.slice(named[0].length)];
  else if (named && !((name.includes(".") || name === "localhost") && /^[0-9]{1,5}([/?]|$)/.test(text.slice(named[0].length))))
    refuse(`scheme ${name}`);
  else if (/^\/(?!\/)/.test(text)) refuse("a path without a host");
  text = text.replace(/^\/+/, "");
  const [, authority, path, , query] = /^([^/?]*)([^?]*)(\?([^]*))?$/.exec(text);
  return { scheme, host: escaped(hostname(authority.slice(authority.lastIndexOf("@") + 1))), path: escaped(resolved(path)),
    query: query === undefined ? null : escaped(query) };
}
const escaped = (text) => text.replace(/[^!-~]|[#%]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));

function resolved(path) {
  const parts = path.split("/").filter(Boolean), kept = [];
  for (const part of parts) part === ".." ? kept.pop() : part !== "." && kept.push(part);
  const folder = path.endsWith("/") || [".", ".."].includes(parts.at(-1));
  return "/" + kept.join("/") + (kept.length && folder ? "/" : "");
}

function hostname(server) {
  const six = /^\[([^\]]*)\](:[^]*)?$/.exec(server);
  const [name, port] = six ? [six[1], (six[2] ?? ":").slice(1)] : [server.split(":", 1)[0], server.split(":").slice(1).join(":")];
  if (!/^[0-9]{0,5}$/.test(port) || Number(port) > 65535) refuse("not a port");
  if (six) return version6(name);
  const host = mapped(name).split(".").filter(Boolean).join(".");
  if (!host || host.length > 253 || /[[\]]/.test(host)) refuse("not a host");
  return version4(host) ?? host;
}

function mapped(name) {
  if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
  if (name.length > 1012) refuse("a name longer than 1,012 bytes");
  let text;
  try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(name, "latin1")); }
  catch { return name.replace(/[A-Z]/g, (c) => c.toLowerCase()); }
  return domainToASCII(text) || refuse("a name that no browser takes");
}

function version4(host) {
  const parts = host.split(".");
  const shapes = parts.map((part) => /^0x([0-9a-f]*)$/.exec(part) ?? /^(0[0-7]*|[1-9][0-9]*)$/.exec(part));
  if (parts.length > 4 || shapes.includes(null)) return null;
  const numbers = shapes.map(([part, digits]) => BigInt(part.startsWith("0x") ? `0x${digits || "0"}` : part[0] === "0" ? `0o${part}` : part));
  const last = numbers.pop();
  if (numbers.some((n) => n > 255n) || last >= 256n ** BigInt(4 - numbers.length)) return null;
  const whole = numbers.reduce((sum, n, place) => sum + (n << BigInt(24 - 8 * place)), last);
  return [24n, 16n, 8n, 0n].map((by) => (whole >> by) & 255n).join(".");
}

function version6(text) {
  let made;
  try { made = /^[0-9a-f:.]+$/i.test(text) ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : refuse("not an IPv6 address"); }
  catch { refuse("not an IPv6 address"); }
  const [head, tail] = made.split("::").map((half) => half.split(":").filter(Boolean));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  if (["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"].includes(groups.slice(0, 6).join(":"))) {
    return groups.slice(6).flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]).join(".");
  }
  return `[${made}]`;
}

// Expressions.
const rules = { plain: new Set(), wild: new Set(), except: new Set() };
for (const line of readFileSync(join(PACK, "public_suffix_list.dat"), "utf8").split("\n")) {
  if (!line || line.startsWith("//")) continue;
  const kind = line[0] === "!" ? rules.except : line.startsWith("*.") ? rules.wild : rules.plain;
  kind.add(domainToASCII(line.replace(/^(!|\*\.)/, "")));
}

function registrable(labels) {
  let suffix = 1;
  for (let start = 0; start < labels.length; start += 1) {
    const [name, parent] = [labels.slice(start).join("."), labels.slice(start + 1).join(".")];
    if (rules.except.has(name)) { suffix = labels.length - start - 1; break; }
    if (rules.plain.has(name) || rules.wild.has(name) || rules.wild.has(parent)) { suffix = labels.length - start; break; }
  }
  return suffix < labels.length ? suffix + 1 : null;
}

function hosts(host) {
  if (host.startsWith("[") || version4(host)) return [host];
  const labels = host.split("."), least = registrable(labels), found = [host];
  for (let count = Math.min(least + 3, labels.length - 1); least && count >= least; count -= 1) found.push(labels.slice(-count).join("."));
  return found;
}

function expressions(url) {
  const { host, path, query } = address(url);
  const folders = path.split("/").slice(1, -1).slice(0, 3);
  const prefixes = [0, 1, 2, 3].slice(0, folders.length + 1).map((depth) => ["", ...folders.slice(0, depth), ""].join("/"));
  const paths = new Set([...(query === null ? [] : [`${path}?${query}`]), path, ...prefixes]);
  return hosts(host).flatMap((name) => [...paths].map((each) => name + each));
}

// Coordinates.
const table = JSON.parse(readFileSync(join(PACK, "coordinates.json"), "utf8"));

function coordinates(url) {
  const { host, path, query } = address(url), found = new Set();
  const segments = path.replace(/^\/+|\/+$/g, "").split("/");
  for (const rule of table.rules) {
    const under = rule.hosts.find((each) => each === host || (each.startsWith("{") && host.endsWith(each.slice(each.indexOf(".")))
      && host.split(".").length === each.split(".").length));
    if (!under) continue;
    const begun = under.startsWith("{") ? { [under.slice(1, under.indexOf("}"))]: host.split(".")[0] } : {};
    for (const inPath of rule.paths.map((each) => matched(each.split("/"), segments)).filter(Boolean)) {
      for (const more of rule.query ? inQuery(rule.query, query ?? "") : [{}]) {
        const made = spelt(rule, { ...begun, ...inPath, ...more });
        if (made) found.add(made);
      }
    }
  }
  return [...found];
}

function matched(template, segments) {
  const open = template.at(-1) === "**", wanted = open ? template.slice(0, -1) : template, parts = {};
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return null;
  for (const [n, piece] of wanted.entries()) {
    const part = /^([^{]*)\{([a-z]+)\}$/.exec(piece);
    if (part && segments[n].startsWith(part[1])) parts[part[2]] = segments[n].slice(part[1].length);
    else if (piece === "*" ? !segments[n] : piece !== segments[n]) return null;
  }
  return parts;
}

function* inQuery(wanted, query) {
  for (const [parameter, part] of Object.entries(wanted)) {
    for (const pair of query.split("&")) {
      const [name, ...value] = pair.split("=");
      if (name === parameter) yield { [part]: value.join("=") };
    }
  }
}

function spelt(rule, parts) {
  const begins = rule.coordinate.split("{", 1)[0], reserved = table.reserved[begins] ?? {};
  for (const part of Object.keys(parts)) {
    const end = rule.strip?.[part];
    if (end && parts[part].endsWith(end)) parts[part] = parts[part].slice(0, -end.length);
    if (!new RegExp(`^(?:${table.parts[part]})$`).test(parts[part]) || reserved[part]?.includes(parts[part].toLowerCase())) return null;
  }
  const made = rule.coordinate.replace(/\{([a-z]+)\}/g, (_, part) => parts[part]);
  return table.fold.includes(begins) ? made.toLowerCase() : made;
}

// Snapshot and delta: sorted columns behind a directory of their buckets.
const HOST = 10, RECORD = 19;
const bits = (count) => Math.max(0, count.toString(2).length * (count > 0) - 3);
const cut = (data, width) => Array.from({ length: data.length / width }, (_, n) => data.subarray(n * width, n * width + width));

function rising(rows, tag) {
  for (let n = 1; n < rows.length; n += 1) if (compare(rows[n - 1].subarray(0, tag), rows[n].subarray(0, tag)) >= 0) refuse("out of order");
  return rows;
}

function column(rows) {
  const buckets = 2 ** bits(rows.length), shift = 32 - bits(rows.length), starts = Buffer.alloc(4 * (buckets + 1));
  for (let bucket = 0, place = 0; bucket <= buckets; bucket += 1) {
    while (place < rows.length && Math.floor(rows[place].readUInt32BE() / 2 ** shift) < bucket) place += 1;
    starts.writeUInt32BE(place, 4 * bucket);
  }
  return Buffer.concat([starts, ...rows]);
}

function encoded({ hosts: hostRows, records }) {
  const head = Buffer.from("delist-1\0\0\0\0\0\0\0\0", "latin1");
  head.writeUInt32BE(hostRows.length, 8);
  head.writeUInt32BE(records.length, 12);
  return Buffer.concat([head, column(hostRows), column(records)]);
}

function snapshot(data) {
  if (data.length < 16 || data.toString("latin1", 0, 8) !== "delist-1") refuse("not a snapshot");
  const counts = [data.readUInt32BE(8), data.readUInt32BE(12)];
  const middle = 16 + 4 * (2 ** bits(counts[0]) + 1), end = middle + HOST * counts[0], start = end + 4 * (2 ** bits(counts[1]) + 1);
  if (data.length !== start + RECORD * counts[1]) refuse("not as long as its counts say");
  const made = { hosts: rising(cut(data.subarray(middle, end), HOST), 8), records: rising(cut(data.subarray(start), RECORD), 16) };
  if (compare(encoded(made), data)) refuse("the directory is wrong");
  return made;
}

function changed(rows, removals, additions, tag) {
  const places = rising(removals, 4).map((place) => place.readUInt32BE());
  if (places.length && places.at(-1) >= rows.length) refuse("removes what is not there");
  rising(additions, tag);
  const gone = new Set(places);
  return rising([...rows.filter((_, n) => !gone.has(n)), ...additions].sort(compare), tag);
}

function applied(data, table_, step) {
  if (data.length < 32 || data.toString("latin1", 0, 8) !== "delist-d") refuse("not a delta");
  const [base, version, ...counts] = [8, 12, 16, 20, 24, 28].map((place) => data.readUInt32BE(place));
  if (base >= version || (step && (base !== step.base || version !== step.version))) refuse("a delta between other versions");
  const widths = [4, HOST, 4, RECORD], ends = [32];
  counts.forEach((count, n) => ends.push(ends[n] + count * widths[n]));
  if (data.length !== ends[4]) refuse("not as long as its counts say");
  const [a, b, c, d] = widths.map((width, n) => cut(data.subarray(ends[n], ends[n + 1]), width));
  return { hosts: changed(table_.hosts, a, b, 8), records: changed(table_.records, c, d, 16) };
}

const WORDS = [["warn", "demote", "delist"], ["nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion"], ["offers", "lists", "links-to"]];
function record(row) {
  const said = row.readUIntBE(16, 3), codes = [said >> 21, (said >> 17) & 15, (said >> 14) & 7];
  const [action, label, relation] = codes.map((code, n) => WORDS[n][code - 1]);
  return action && label && relation ? { action, label, relation, test: Boolean(said & 8192), strength: codes[0] - 10 * Boolean(said & 8192) } : null;
}

// The signed manifest.
function signer(data, signature, lines) {
  const [first, second, third, fourth, ...more] = signature.replace(/\n$/, "").split("\n");
  if (fourth === undefined || more.length || !first.startsWith("untrusted comment: ") || !third.startsWith("trusted comment: ")) refuse("not a signature");
  const [raw, whole] = [second, fourth].map((line) => Buffer.from(line, "base64"));
  if (raw.toString("base64") !== second || whole.toString("base64") !== fourth || raw.length !== 74 || whole.length !== 64) refuse("signature: base64");
  const key = lines.map((line) => Buffer.from(line, "base64")).find((each) => compare(each.subarray(2, 10), raw.subarray(2, 10)) === 0);
  if (!key || raw.toString("latin1", 0, 2) !== "ED") refuse("signed with another key");
  const open = createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(10)]), format: "der", type: "spki" });
  const comment = Buffer.concat([raw.subarray(10), Buffer.from(third.slice(17))]);
  if (!verify(null, createHash("blake2b512").update(data).digest(), open, raw.subarray(10))) refuse("the signature does not fit");
  if (!verify(null, comment, open, whole)) refuse("the trusted comment is not what was signed");
  return key.toString("base64");
}
const keyId = (line) => Buffer.from(line, "base64").subarray(2, 10).reverse().toString("hex").toUpperCase();

// Which keys count: those of the key file and announced ones, in the order in which they follow one another.
const accepted = (trust, given, now) => [...trust.known, ...given.filter((line) => !trust.known.includes(line))]
  .filter((line) => (given.includes(line) || trust.learned.includes(line)) && !trust.dropped.includes(line)
    && !(trust.oldUntil && now > trust.oldUntil && trust.ending.includes(line)));

function trusting(trust, lines, by, next) {
  const known = lines.slice(lines.indexOf(by)), stays = (line) => known.includes(line);
  const made = { known, learned: trust.learned.filter(stays), ending: trust.ending.filter(stays), dropped: [...trust.dropped, ...lines.filter((line) => !stays(line))] };
  made.oldUntil = made.ending.length ? trust.oldUntil : null;
  if (!next) return made;
  if (known.length > 1 && !known.slice(1).includes(next.key)) refuse("another next_key than the one that is known");
  if (made.dropped.includes(next.key) || next.key === by) refuse("next_key signed before");
  made.known = [...known.filter((line) => line !== next.key), next.key];
  [made.learned, made.ending] = [[...made.learned, next.key], [...made.ending, by]];
  made.oldUntil ??= when(next.old_until);
  return made;
}

const sorted = (value) => Array.isArray(value) ? value.map(sorted) : value && typeof value === "object"
  ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])])) : value;
const when = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && Number.isFinite(Date.parse(text)) ? Date.parse(text) / 1000 : refuse(`not a moment: ${text}`);
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/, DIGEST = /^[0-9a-f]{64}$/;

function manifest(data) {
  let row;
  try { row = JSON.parse(data); } catch { refuse("the manifest is not JSON"); }
  if (`${JSON.stringify(sorted(row))}\n` !== data.toString("latin1")) refuse("the manifest is not in its one form");
  const whole = (value, least = 0) => (Number.isSafeInteger(value) && value >= least) || refuse(`not a whole number: ${value}`);
  const fits = (value, pattern) => (typeof value === "string" && pattern.test(value)) || refuse(`not as it should be: ${value}`);
  if (row.format !== "delist-feed/1") refuse("another format");
  if (!Array.isArray(row.critical) || row.critical.length) refuse(`a critical field is not understood: ${row.critical}`);
  [row.feed, row.consumer].forEach((name) => fits(name, NAME));
  fits(row.checksum, DIGEST);
  if (row.previous !== null) fits(row.previous, DIGEST);
  [row.max_age, row.entries].forEach((value) => whole(value));
  whole(row.version, 1);
  for (const [name, file] of Object.entries(row.files)) { fits(name, /^[a-z0-9][a-z0-9.-]{0,79}$/); fits(file.sha256, DIGEST); whole(file.length); }
  for (const name of [row.snapshot, row.retractions, ...(row.terms === undefined ? [] : [row.terms]), ...row.deltas.map((step) => step.name)]) if (!Object.hasOwn(row.files, name)) refuse(`no file ${name}`);
  if (row.deltas.some((step) => step.base >= step.version || step.version !== row.version)) refuse("a delta leads elsewhere");
  row.until = when(row.generated) + row.max_age;
  if (!(when(row.generated) < when(row.expires) && when(row.expires) <= row.until)) refuse("its moments do not follow one another");
  if (row.version === 1 && row.previous !== null) refuse("previous in the first version");
  return row;
}

// Search queries.
const folded = (text) => text.normalize("NFKC").toUpperCase().toLowerCase().replace(/\u03c2/g, "\u03c3").normalize("NFKC");
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function words(text) {
  const found = [""];
  for (const char of folded(text)) {
    if (/\p{Cf}/u.test(char)) continue;
    if (!/[\p{L}\p{M}\p{N}]/u.test(char)) found.push("");
    else if (UNSPACED.test(char)) found.push(char, "");
    else found.push(found.pop() + char);
  }
  return found.filter(Boolean);
}

function termsOf(folder, row) {
  if (row.terms === undefined) return [];
  const known = [...WORDS[1], "test"], lines = file(folder, row, row.terms).toString("latin1").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line)).filter((term) => known.includes(term.label));
}

function query({ text }) {
  if (!feed) refuse("no feed is open");
  const said = words(text), longest = Math.max(0, ...feed.terms.map((term) => term.words)), hits = [];
  for (let start = 0; start < said.length; start += 1) {
    for (let end = Math.min(said.length, start + longest); end > start; end -= 1) {
      const phrase = said.slice(start, end).join(" "), tag = phraseTag(phrase, feed.key).toString("hex");
      const term = feed.terms.find((each) => each.tag === tag);
      if (term) hits.push({ label: term.label, phrase, help: feed.help ?? null });
    }
  }
  const hit = hits.find(({ label }) => label !== "test") ?? hits[0];
  return hit ? { listed: true, suppressed: hit.label !== "test", ...hit } : { listed: false, suppressed: false };
}

// The consumer.
let feed = null;

function bounded(folder, name, most) {
  const path = join(folder, name);
  if (!existsSync(path)) refuse(`${name}: missing`);
  if (statSync(path).size > most) refuse(`${name}: too long`);
  return readFileSync(path);
}

function file(folder, row, name) {
  const data = bounded(folder, name, row.files[name].length);
  return data.length === row.files[name].length && sha256(data) === row.files[name].sha256 ? data : refuse(`${name}: not what the manifest says`);
}

function tableOf(folder, row, good) {
  const checked = (made, name) => sha256(encoded(made)) === row.checksum && made.records.length === row.entries ? made : refuse(`${name}: leads elsewhere`);
  const step = good && row.deltas.find((each) => each.base === good.row.version);
  if (step) {
    try { return checked(applied(file(folder, row, step.name), good.table, step), step.name); }
    catch (error) { if (!(error instanceof Refusal)) throw error; }
  }
  return checked(snapshot(file(folder, row, row.snapshot)), row.snapshot);
}

function signed(folder, lines) {
  const data = bounded(folder, "manifest.json", 1 << 20);
  const by = signer(data, bounded(folder, "manifest.json.minisig", 1 << 12).toString(), lines), row = manifest(data);
  if (row.key_id !== keyId(by)) refuse("key_id is not the key that signed");
  return { folder, by, row, digest: sha256(data) };
}

function update(kept, request, key) {
  const { now } = request, { seen } = kept, lines = accepted(kept.trust, key.feed_keys, when(now));
  const fingerprint = blake2b("fingerprint", 8, Buffer.from(key.tag_key, "hex"), "delist-key").toString("hex");
  let found = signed(request.feed, lines);
  if ((found.row.tag_key ?? fingerprint) !== fingerprint) found = signed(join(request.feed, "retiring"), lines);
  const { folder, by, row, digest } = found;
  if ((row.tag_key ?? fingerprint) !== fingerprint) refuse("made with another tag key");
  if (row.consumer !== key.consumer) refuse("made for another consumer");
  if (seen && row.feed !== seen.feed) refuse("another feed");
  if (seen && row.version < seen.version) refuse(`version ${row.version} after version ${seen.version}`);
  if (seen && row.version === seen.version && digest !== seen.digest) refuse("the same version with other bytes");
  if (seen && row.version === seen.version + 1 && row.previous !== seen.digest) refuse("previous is not what was seen");
  if (when(now) >= when(row.expires)) refuse(`expired on ${row.expires}`);
  if (when(row.generated) > when(now) + 86400) refuse("from the future: check the clock");
  kept.trust = trusting(kept.trust, lines, by, row.next_key);
  kept.seen = { feed: row.feed, version: row.version, digest };
  if (kept.good?.digest !== digest) kept.good = { row, digest, table: tableOf(folder, row, kept.good), terms: termsOf(folder, row) };
}

function open(request) {
  const key = JSON.parse(readFileSync(request.key_file)), path = join(request.state, "state.json");
  const kept = existsSync(path) ? JSON.parse(readFileSync(path)) : { seen: null, good: null, trust: { known: [], learned: [], dropped: [], ending: [], oldUntil: null } };
  if (kept.good) kept.good.table = snapshot(Buffer.from(kept.good.table, "base64"));
  let error = null;
  feed = null;
  try { update(kept, request, key); } catch (caught) { if (!(caught instanceof Refusal)) throw caught; error = caught.message; }
  writeFileSync(path, JSON.stringify({ ...kept, good: kept.good && { ...kept.good, table: encoded(kept.good.table).toString("base64") } }));
  if (!kept.good || when(request.now) > kept.good.row.until) return { version: null, refused: true, error: error ?? "past its max_age" };
  const records = new Map(kept.good.table.records.map((row) => [row.toString("hex", 0, 16), record(row)]));
  feed = { records, hosts: new Set(kept.good.table.hosts.map((row) => row.toString("hex", 0, 8))), key: Buffer.from(key.tag_key, "hex"),
    terms: kept.good.terms, help: kept.good.row.help };
  const unknown = [...records.values()].filter((said) => said === null).length;
  return { version: kept.good.row.version, refused: error !== null, unknown, ...(error === null ? {} : { error }) };
}

function check({ url }) {
  if (!feed) refuse("no feed is open");
  const known = new Set(hosts(address(url).host).filter((host) => feed.hosts.has(hostTag(host, feed.key).toString("hex"))));
  let best = null;
  for (const target of [...expressions(url).filter((each) => known.has(each.split("/", 1)[0])), ...coordinates(url)]) {
    const said = feed.records.get(entryTag(target, feed.key).toString("hex"));
    if (said && (!best || said.strength > best.strength)) best = { ...said, target };
  }
  if (!best) return { listed: false, shown: true };
  const { strength, ...said } = best;
  return { listed: true, shown: said.action !== "delist" || said.test, ...said };
}

const ANSWERS = {
  canonicalise({ url }) { const { scheme, host, path, query } = address(url); return { canonical: `${scheme}://${host}${path}${query === null ? "" : `?${query}`}` }; },
  expressions: ({ url }) => ({ expressions: expressions(url) }),
  coordinates: ({ url }) => ({ coordinates: coordinates(url) }),
  tag: ({ of, text, key }) => ({ tag: { entry: entryTag, host: hostTag, phrase: phraseTag }[of](text, Buffer.from(key, "hex")).toString("hex") }),
  apply: ({ snapshot: base, delta }) => ({ sha256: sha256(encoded(applied(readFileSync(delta), snapshot(readFileSync(base))))) }),
  words: ({ text }) => ({ words: words(text) }),
  open, check, query,
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try { answer = ANSWERS[request.do](request); } catch (error) { if (!(error instanceof Refusal)) throw error; answer = { error: error.message }; }
  console.log(JSON.stringify(answer));
}
