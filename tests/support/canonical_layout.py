"""How values lie in linear memory and in core parameters: the part of the canonical ABI that hand-made guests need.

Types are as in component_writer. `flatten` gives the core types of a value, `store` code that writes one from locals
into memory. The names are those of CanonicalABI.md.
"""
from tests.support.core_writer import access, i32, if_, local_get, op

MAX_FLAT_PARAMS = 16
MAX_FLAT_RESULTS = 1

SIZES = {
    "bool": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "s32": 4, "u32": 4, "s64": 8, "u64": 8, "f32": 4, "f64": 8,
    "char": 4,
}  # fmt: skip
STORES = {1: "i32.store8", 2: "i32.store16", 4: "i32.store", 8: "i64.store"}
# How a value of a joined type (left) becomes one of the type that a case has (right).
CONVERSIONS = {
    ("i32", "f32"): ["f32.reinterpret_i32"],
    ("i64", "i32"): ["i32.wrap_i64"],
    ("i64", "f32"): ["i32.wrap_i64", "f32.reinterpret_i32"],
    ("i64", "f64"): ["f64.reinterpret_i64"],
}


def despecialize(type_):
    """Tuples and lists of fixed length as records, maps as lists, and enums, options and results as variants: (kind, {label: type})."""
    kind, *rest = type_
    if kind == "tuple":
        return "record", {str(index): t for index, t in enumerate(rest)}
    if kind == "enum":
        return "variant", dict.fromkeys(rest)
    if kind == "option":
        return "variant", {"none": None, "some": rest[0]}
    if kind == "fixed-list":
        return "record", {str(index): rest[0] for index in range(rest[1])}
    if kind == "map":
        return "list", ("tuple", *rest)
    if kind == "result":
        return "variant", {"ok": rest[0], "error": rest[1]}
    return kind, rest[0]


def discriminant_size(cases: dict) -> int:
    return 1 if len(cases) <= 256 else 2


def flags_size(labels: int) -> int:
    return 1 if labels <= 8 else 2 if labels <= 16 else 4


def alignment(type_) -> int:
    if isinstance(type_, str):
        return 4 if type_ == "string" else SIZES[type_]
    if type_[0] == "flags":
        return flags_size(len(type_) - 1)
    kind, parts = despecialize(type_)
    if kind == "list":
        return 4
    inner = max([alignment(t) for t in parts.values() if t], default=1)
    return inner if kind == "record" else max(discriminant_size(parts), inner)


def align_to(offset: int, to: int) -> int:
    return (offset + to - 1) // to * to


def elem_size(type_) -> int:
    if isinstance(type_, str):
        return 8 if type_ == "string" else SIZES[type_]
    if type_[0] == "flags":
        return flags_size(len(type_) - 1)
    kind, parts = despecialize(type_)
    if kind == "list":
        return 8
    if kind == "record":
        size = 0
        for part in parts.values():
            size = align_to(size, alignment(part)) + elem_size(part)
        return align_to(size, alignment(type_))
    payload = max([elem_size(t) for t in parts.values() if t], default=0)
    return align_to(payload_offset(parts) + payload, alignment(type_))


def payload_offset(cases: dict) -> int:
    return align_to(discriminant_size(cases), max([alignment(t) for t in cases.values() if t], default=1))


def join(a: str, b: str) -> str:
    if a == b:
        return a
    return "i32" if {a, b} == {"i32", "f32"} else "i64"


def flatten(type_) -> "list[str]":
    if isinstance(type_, str):
        if type_ == "string":
            return ["i32", "i32"]
        return [{"s64": "i64", "u64": "i64", "f32": "f32", "f64": "f64"}.get(type_, "i32")]
    if type_[0] == "flags":
        return ["i32"]
    kind, parts = despecialize(type_)
    if kind == "list":
        return ["i32", "i32"]
    if kind == "record":
        return [core for part in parts.values() for core in flatten(part)]
    payload: "list[str]" = []
    for part in parts.values():
        for index, core in enumerate(flatten(part) if part else []):
            payload[index:index + 1] = [join(payload[index], core) if index < len(payload) else core]
    return ["i32", *payload]


def read(local: "tuple[int, str]", wanted: str) -> bytes:
    index, have = local
    return local_get(index) + b"".join(op(step) for step in CONVERSIONS.get((have, wanted), []))


def store(type_, flat: "list[tuple[int, str]]", pointer: int, offset: int = 0) -> bytes:
    """Code that writes the value in the locals `flat`, (index, core type) each, to the address in local `pointer`."""
    if isinstance(type_, str) and type_ != "string":
        core = flatten(type_)[0]
        mnemonic = f"{core}.store" if core.startswith("f") else STORES[SIZES[type_]]
        return local_get(pointer) + read(flat[0], core) + access(mnemonic, offset)
    if type_ == "string" or type_[0] in ("list", "map"):
        halves = [local_get(pointer) + read(flat[n], "i32") + access("i32.store", offset + 4 * n) for n in (0, 1)]
        return b"".join(halves)
    if type_[0] == "flags":
        return local_get(pointer) + read(flat[0], "i32") + access(STORES[flags_size(len(type_) - 1)], offset)
    kind, parts = despecialize(type_)
    return (store_record if kind == "record" else store_variant)(parts, flat, pointer, offset)


def store_record(fields: dict, flat, pointer: int, offset: int) -> bytes:
    code = b""
    for part in fields.values():
        offset, used = align_to(offset, alignment(part)), len(flatten(part))
        code += store(part, flat[:used], pointer, offset)
        offset, flat = offset + elem_size(part), flat[used:]
    return code


def store_variant(cases: dict, flat, pointer: int, offset: int) -> bytes:
    code = local_get(pointer) + read(flat[0], "i32") + access(STORES[discriminant_size(cases)], offset)
    for number, part in enumerate(cases.values()):
        if part:
            chosen = read(flat[0], "i32") + i32(number) + op("i32.eq")
            code += if_(chosen, store(part, flat[1:], pointer, offset + payload_offset(cases)))
    return code
