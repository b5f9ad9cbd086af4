"""The 信创 catalogue: products that a hospital's estate may name, and until when they are listed.

A listing of the 安全可靠测评 holds three years from its announcement, so an entry has a last day
where the announcement is known. Community products are never listed themselves and say so. A date
must never be guessed: unknown stays None, and ``known`` says how sure the entry's listing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hospital.estate import Architecture

AMD64, ARM64, LOONG64 = Architecture.AMD64, Architecture.ARM64, Architecture.LOONG64
ALL = (AMD64, ARM64, LOONG64)
TWO = (AMD64, ARM64)


class ProductKind(StrEnum):
    """What a product is."""

    CPU = "cpu"
    SYSTEM = "os"
    DATABASE = "db"
    MIDDLEWARE = "mw"


class Known(StrEnum):
    """How sure an entry's listing is."""

    SEEN = "seen"  # the announcement was seen, named in ``batch``
    LIKELY = "likely"  # generally held to be listed; announcement not seen, no last day
    UNLISTED = "unlisted"  # in the catalogue, no result of its own was found
    COMMUNITY = "community"  # open source; its commercial editions are listed, it is not
    EXEMPT = "exempt"  # of a kind that the assessment does not cover


@dataclass(frozen=True, slots=True)
class Batch:
    """One announcement of results: they hold three years."""

    name: str
    announced: date

    @property
    def valid_until(self) -> date:
        """The last day: three years after the announcement."""
        return self.announced.replace(year=self.announced.year + 3)


FIRST_2023 = Batch("2023 第1号", date(2023, 12, 26))
FIRST_2024 = Batch("2024 第1号", date(2024, 5, 20))
SECOND_2024 = Batch("2024 第2号", date(2024, 9, 30))
THIRD_2025 = Batch("2025 第3号", date(2025, 9, 12))


@dataclass(frozen=True, slots=True)
class Product:
    """One product; ``id`` is what declarations name."""

    id: str
    name: str
    vendor: str
    architectures: tuple[Architecture, ...]  # of ours that it runs on
    known: Known
    batch: Batch | None = None
    grade: str = ""  # I, II, III of the assessment; "" where not known

    @property
    def kind(self) -> ProductKind:
        """The part of the id before the first hyphen."""
        return ProductKind(self.id.split("-", 1)[0])

    @property
    def valid_until(self) -> date | None:
        """The last day of its listing, where the announcement is known."""
        return self.batch.valid_until if self.batch else None


_SEEN, _LIKELY, _UNLISTED = Known.SEEN, Known.LIKELY, Known.UNLISTED
_COMMUNITY, _EXEMPT = Known.COMMUNITY, Known.EXEMPT

PRODUCTS: tuple[Product, ...] = (
    Product("cpu-kp920", "鲲鹏920", "华为海思", (ARM64,), _UNLISTED),
    Product("cpu-kp950", "鲲鹏950", "华为海思", (ARM64,), _SEEN, grade="III"),
    Product("cpu-ft", "飞腾 腾云S2500/S5000C", "飞腾信息", (ARM64,), _LIKELY),
    Product("cpu-hygon", "海光 C86-4G", "海光信息", (AMD64,), _SEEN, FIRST_2024, "II"),
    Product("cpu-zhaoxin", "兆芯 KH-40000/KH-50000", "上海兆芯", (AMD64,), _LIKELY),
    Product("cpu-loongson", "龙芯 3C3000/3A6000(C)", "龙芯中科", (LOONG64,), _SEEN, grade="III"),
    Product("os-kylin-s", "银河麒麟高级服务器 V11", "麒麟软件", ALL, _SEEN, THIRD_2025, "I"),
    Product("os-uos-s", "统信服务器操作系统 V20/V25", "统信软件", ALL, _LIKELY),
    Product("os-openeuler", "openEuler", "开放原子", ALL, _COMMUNITY),
    Product("os-anolis", "Anolis OS 龙蜥", "OpenAnolis", ALL, _COMMUNITY),
    Product("os-nfs", "方德服务器", "中科方德", ALL, _UNLISTED),
    Product("os-kylinsec", "麒麟信安 V6", "湖南麒麟信安", TWO, _UNLISTED),
    Product("os-linx", "凝思 V6.0", "北京凝思", ALL, _UNLISTED),
    Product("os-newstart", "新支点 CGSL", "中兴新支点", TWO, _UNLISTED),
    Product("os-tencentos", "TencentOS Server 4", "腾讯", TWO, _UNLISTED),
    Product("db-postgresql", "PostgreSQL", "PostgreSQL community", ALL, _COMMUNITY),
    Product("db-dm8", "达梦 DM8", "武汉达梦", ALL, _LIKELY),
    Product("db-kes", "KingbaseES V8/V9", "电科金仓", ALL, _LIKELY),
    Product("db-opengauss", "openGauss", "openGauss community", TWO, _COMMUNITY),
    Product("db-gaussdb", "GaussDB", "华为云", TWO, _LIKELY),
    Product("db-vastbase", "Vastbase G100", "海量数据", ALL, _UNLISTED),
    Product("db-highgo", "瀚高 HighGo DB", "瀚高股份", ALL, _LIKELY),
    Product("db-oceanbase", "OceanBase 4.x", "奥星贝斯", TWO, _LIKELY),
    Product("db-tidb", "TiDB 平凯数据库", "平凯星辰", TWO, _LIKELY),
    Product("db-goldendb", "GoldenDB", "金篆信科", TWO, _LIKELY),
    Product("db-tdsql", "TDSQL", "腾讯云", TWO, _LIKELY),
    Product("db-gbase8s", "GBase 8s V8.8", "天津南大通用", ALL, _SEEN, FIRST_2023, "I"),
    Product("db-gbase8a", "GBase 8a MPP V9", "天津南大通用", TWO, _SEEN, SECOND_2024, "I"),
    Product("db-gbase8c", "GBase 8c", "天津南大通用", TWO, _UNLISTED),
    Product("db-oscar", "神通 Oscar V7", "天津神舟通用", ALL, _LIKELY),
    Product("db-polardb", "PolarDB V2.0", "阿里云", TWO, _SEEN, FIRST_2023),
    Product("mw-tongweb", "TongWeb", "东方通", ALL, _EXEMPT),
    Product("mw-bes", "BES AppServer", "宝兰德", ALL, _EXEMPT),
    Product("mw-apusic", "Apusic AAS", "金蝶天燕", ALL, _EXEMPT),
    Product("mw-inforsuite", "InforSuite AS", "中创中间件", ALL, _EXEMPT),
    Product("mw-jdk", "毕昇/Dragonwell/Kona/龙芯 JDK", "华为/阿里/腾讯/龙芯", ALL, _EXEMPT),
    Product("mw-rt", "iSulad, containerd", "openEuler/CNCF", TWO, _EXEMPT),
)

CATALOGUE: dict[str, Product] = {product.id: product for product in PRODUCTS}
"""Product by id."""
