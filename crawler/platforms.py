"""Platforms: hosts that are not a service of their own, but where many people list, host or announce theirs."""

from __future__ import annotations

_HUBS = (
    "huggingface.co hf.co civitai.com civitai.green modelscope.cn modelscope.ai replicate.com ollama.com kaggle.com "
    "tensor.art fal.ai openrouter.ai"
)
_STORES = (
    "play.google.com market.android.com apps.apple.com itunes.apple.com f-droid.org chromewebstore.google.com "
    "addons.mozilla.org apps.microsoft.com appgallery.huawei.com galaxystore.samsung.com"
)
_CODE = (
    "github.com githubusercontent.com gitlab.com codeberg.org bitbucket.org sourceforge.net gitee.com sr.ht arxiv.org"
)
_SOCIAL = (
    "t.me telegram.me telegram.dog telegram.org discord.com discord.gg reddit.com x.com twitter.com facebook.com "
    "instagram.com tiktok.com youtube.com youtu.be linkedin.com pinterest.com medium.com patreon.com ko-fi.com "
    "gumroad.com producthunt.com wikipedia.org archive.org bsky.app vk.com whatsapp.com threads.net"
)
_SEARCH = "google.com bing.com duckduckgo.com yahoo.com yandex.com yandex.ru baidu.com brave.com"
_DELIVERY = (
    "jsdelivr.net cloudflare.com akamai.net akamaized.net fastly.net googleapis.com gstatic.com cdn77.org bunny.net "
    "unpkg.com"
)
_LARGE = "apple.com microsoft.com mozilla.org amazon.com openai.com dropbox.com adobe.com paypal.com stripe.com"
_SHORTENERS = (
    "bit.ly tinyurl.com t.co goo.gl is.gd ow.ly buff.ly rebrand.ly cutt.ly shorturl.at rb.gy linktr.ee v.gd lnkd.in"
)
_TENANTS = (
    "tumblr.com wordpress.com blogger.com blogspot.com wixsite.com weebly.com substack.com notion.site carrd.co "
    "itch.io webnode.com amazonaws.com cloudfront.net azureedge.net b-cdn.net workers.dev pages.dev github.io hf.space"
)
_WHOLE = frozenset(f"{_HUBS} {_STORES} {_CODE} {_SOCIAL} {_SEARCH} {_DELIVERY} {_LARGE} {_SHORTENERS}".split())
_HOSTING = frozenset(_TENANTS.split())
"""Hosts whose own front page is nobody's service; what is below them belongs to tenants."""


def is_platform(host: str) -> bool:
    """Tell whether a host is a hub, a store, a code host, a network, a search engine, a CDN, a shortener or below one.

    Args:
        host: a name in lower case, or an address.
    """
    labels = host.removeprefix("www.").split(".")
    return ".".join(labels) in _HOSTING or any(".".join(labels[n:]) in _WHOLE for n in range(len(labels)))
