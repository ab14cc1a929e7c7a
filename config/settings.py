"""Scrapy's wiring. Each value says why it is not Scrapy's own; the operator's values come from the command line."""

import os
from typing import Any

BOT_NAME = "npswatch"
SPIDER_MODULES = ["spiders.market", "spiders.profiled"]

# --- the way out: Tor or nothing -------------------------------------------------------------------------------------
# The only handler of Scrapy that speaks SOCKS5 with names resolved by the proxy, behind our refusal of anything else.
DOWNLOAD_HANDLERS: dict[str, Any] = {
    "http": "crawler.handler.TorHandler",
    "https": "crawler.handler.TorHandler",
    "file": None,  # a redirect to file:// would read the operator's disk
    "ftp": None,
    "s3": None,
    "data": None,
}
DOWNLOADER_MIDDLEWARES: dict[str, Any] = {
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # would take proxies from the environment
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # at once and in memory; ours wait in the frontier
    "crawler.middlewares.again.AgainMiddleware": 550,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.mirrors.MirrorsMiddleware": 600,  # before cookies and passage, after retries
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "crawler.middlewares.account.AccountCookies": 700,  # where Scrapy's own stands
    "crawler.middlewares.passage.PassageMiddleware": 950,
    "crawler.middlewares.capture.CaptureMiddleware": 990,  # near the network: sees the bytes as received
    "crawler.middlewares.outage.OutageMiddleware": 995,  # nearest: what a dying Tor cut off is not even kept
}
SPIDER_MIDDLEWARES: dict[str, Any] = {
    "crawler.middlewares.gates.GateMiddleware": 950,  # nearest to the spider
    "crawler.middlewares.block.BlockMiddleware": 940,  # sees which pages are gates
}
ADDONS: dict[str, Any] = {"crawler.extensions.home_paths.HomePaths": 0}
EXTENSIONS: dict[str, Any] = {
    "crawler.extensions.closed_guard.ClosedGuard": 0,
    "crawler.extensions.tor_watch.TorWatch": 10,  # after the guard, which attaches to Tor
    "crawler.extensions.shared_market.SharedMarket": 10,  # takes the lease before the frontier is opened
    "crawler.extensions.orderly_stop.OrderlyStop": 20,
    "scrapy.extensions.telnet.TelnetConsole": None,
}
TELNETCONSOLE_ENABLED = False  # a shell into the process
REMOTE_CONTROL_ENABLED = False  # Scrapy 2.19 starts an HTTP server that runs Python in the process
HTTPPROXY_ENABLED = False
ROBOTSTXT_OBEY = False  # unless the market is a clear-net shop, or its profile says so
DOWNLOAD_VERIFY_CERTIFICATES = True
TOR_SOCKS = os.environ.get("NPSWATCH_TOR_SOCKS")
TOR_CONTROL = os.environ.get("NPSWATCH_TOR_CONTROL")
TOR_PATIENCE = "30m"  # a Tor that is down for longer ends the run in order; what waits is kept for the next
HOME = os.environ.get("NPSWATCH_HOME")
STORE = os.environ.get("NPSWATCH_STORE")
SHARED = os.environ.get("NPSWATCH_SHARED")  # redis://…: many machines share the state of markets; without it none do

# --- bounds, because everything from a market is hostile -------------------------------------------------------------
DOWNLOAD_TIMEOUT = 90  # seconds for a whole page; onion circuits are slow, a drip must not hold a place for ever
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # bytes of a body, also after decompression (a bomb ends here)
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
HTTPERROR_ALLOW_ALL = True  # an error page is a gate to be recognised, not a page to be dropped
METAREFRESH_ENABLED = False  # waiting pages refresh themselves; the queue is waited out by the desk, not followed
URLLENGTH_LIMIT = 2083

# --- how long a run waits where a market is shut, as spans; then it ends in order and the next run goes on ------------
DESK_PATIENCE = os.environ.get("NPSWATCH_DESK_PATIENCE", "5m")  # for a session, unless the profile says otherwise
DESK_PATIENCE_AT_START = "60s"  # at most so long where nothing was read yet: the next run begins at the same place
DESK_PATIENCE_IN_QUEUE = os.environ.get("NPSWATCH_DESK_PATIENCE_IN_QUEUE", "30m")  # also under maintenance
DESK_LOOKS_EVERY = "2s"

# --- pace ------------------------------------------------------------------------------------------------------------
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 16
# Scrapy starts so many tasks for each page, needed or not; a page hands over one item, its pipelines never wait.
CONCURRENT_ITEMS = 4
DOWNLOAD_DELAY = 1.0  # one request a second unless the profile or the operator says otherwise
DOWNLOAD_DELAY_JITTER = 0.5  # each pause is half to one and a half of the delay
SCHEDULER = "crawler.frontier.scheduler.LedgerScheduler"

# --- what we look like: the browser nearly every visitor of an onion service has --------------------------------------
USER_AGENT = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
}

# --- from words to the index, one step a file ------------------------------------------------------------------------
ITEM_PIPELINES: dict[str, int] = {
    "pipelines.vendor.VendorPipeline": 100,
    "pipelines.listing.ListingPipeline": 150,
    "pipelines.substance.SubstancePipeline": 200,
    "pipelines.price.PricePipeline": 250,
    "pipelines.amount.AmountPipeline": 300,
    "pipelines.offer.OfferPipeline": 350,
    "pipelines.place.PlacePipeline": 400,
    "pipelines.language.LanguagePipeline": 450,
    "pipelines.identifiers.IdentifiersPipeline": 500,
    "pipelines.linked_crime.LinkedCrimePipeline": 550,
    "pipelines.index.IndexPipeline": 900,
}

# What the archive itself says a run kept: the run's reconciliation counts there, not in the crawl's own counters.
RESPONSES_KEPT = "evidence.responses.response_ids"

LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0
