"""Writes small core WebAssembly modules in binary form.

    module = CoreModule()
    add = module.func(["i32", "i32"], ["i32"], [], local_get(0) + local_get(1) + op("i32.add"))
    module.export("add", "func", add)
    binary = module.encode()

Imports of a kind come before definitions of that kind, as the index spaces of the format want it.
"""

VALTYPES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B, "funcref": 0x70, "externref": 0x6F}
KINDS = {"func": 0, "table": 1, "memory": 2, "global": 3}

OPCODES = {
    "unreachable": 0x00, "block": 0x02, "loop": 0x03, "if": 0x04, "else": 0x05, "end": 0x0B, "br": 0x0C,
    "br_if": 0x0D, "br_table": 0x0E, "return": 0x0F, "call": 0x10, "call_indirect": 0x11, "drop": 0x1A,
    "local.get": 0x20, "local.set": 0x21, "local.tee": 0x22, "global.get": 0x23, "global.set": 0x24,
    "i32.load": 0x28, "i64.load": 0x29, "f32.load": 0x2A, "f64.load": 0x2B, "i32.load8_u": 0x2D,
    "i32.load16_u": 0x2F, "i32.store": 0x36, "i64.store": 0x37, "f32.store": 0x38, "f64.store": 0x39,
    "i32.store8": 0x3A, "i32.store16": 0x3B, "memory.size": 0x3F, "memory.grow": 0x40, "i32.const": 0x41,
    "i64.const": 0x42, "i32.eqz": 0x45, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_u": 0x49, "i32.gt_u": 0x4B,
    "i32.ge_u": 0x4F, "i32.add": 0x6A, "i32.sub": 0x6B, "i32.mul": 0x6C, "i32.div_u": 0x6E, "i32.and": 0x71,
    "i32.shl": 0x74, "i32.shr_u": 0x76, "i32.wrap_i64": 0xA7, "i64.extend_i32_u": 0xAD,
    "i32.reinterpret_f32": 0xBC, "i64.reinterpret_f64": 0xBD, "f32.reinterpret_i32": 0xBE,
    "f64.reinterpret_i64": 0xBF,
}  # fmt: skip


def leb_u(value: int) -> bytes:
    encoded = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        encoded.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(encoded)


def leb_s(value: int) -> bytes:
    encoded = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        done = (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40)
        encoded.append(byte | (0 if done else 0x80))
        if done:
            return bytes(encoded)


def vec(items: "list[bytes]") -> bytes:
    return leb_u(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    encoded = text.encode()
    return leb_u(len(encoded)) + encoded


def section(identity: int, content: bytes) -> bytes:
    return bytes([identity]) + leb_u(len(content)) + content


def op(mnemonic: str, *immediates: int) -> bytes:
    """An instruction whose immediates are unsigned numbers; constants take a signed one."""
    encode = leb_s if mnemonic.endswith(".const") else leb_u
    return bytes([OPCODES[mnemonic]]) + b"".join(encode(value) for value in immediates)


def local_get(index: int) -> bytes:
    return op("local.get", index)


def i32(value: int) -> bytes:
    return op("i32.const", value - (1 << 32) if value >= 1 << 31 else value)


def access(mnemonic: str, offset: int = 0) -> bytes:
    """A load or store at natural-or-less alignment 1, which is always valid."""
    return op(mnemonic, 0, offset)


def if_(condition: bytes, then: bytes, otherwise: bytes = b"") -> bytes:
    return condition + bytes([OPCODES["if"], 0x40]) + then + (op("else") + otherwise if otherwise else b"") + op("end")


class CoreModule:
    def __init__(self):
        self.types: "list[bytes]" = []
        self.imports: "list[bytes]" = []
        self.counts = dict.fromkeys(KINDS, 0)
        self.functions: "list[tuple[int, bytes]]" = []
        self.tables: "list[bytes]" = []
        self.memories: "list[bytes]" = []
        self.globals: "list[bytes]" = []
        self.exports: "list[bytes]" = []
        self.elements: "list[bytes]" = []
        self.data: "list[bytes]" = []

    def type(self, params: "list[str]", results: "list[str]") -> int:
        encoded = b"\x60" + vec([bytes([VALTYPES[t]]) for t in params]) + vec([bytes([VALTYPES[t]]) for t in results])
        if encoded not in self.types:
            self.types.append(encoded)
        return self.types.index(encoded)

    def _next(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind] - 1

    def _import(self, module: str, field: str, kind: str, description: bytes) -> int:
        self.imports.append(name(module) + name(field) + bytes([KINDS[kind]]) + description)
        return self._next(kind)

    def import_func(self, module: str, field: str, params: "list[str]", results: "list[str]") -> int:
        return self._import(module, field, "func", leb_u(self.type(params, results)))

    def import_memory(self, module: str, field: str, pages: int) -> int:
        return self._import(module, field, "memory", b"\x00" + leb_u(pages))

    def import_table(self, module: str, field: str, size: int) -> int:
        return self._import(module, field, "table", b"\x70\x00" + leb_u(size))

    def func(self, params: "list[str]", results: "list[str]", local_types: "list[str]", body: bytes) -> int:
        code = vec([b"\x01" + bytes([VALTYPES[t]]) for t in local_types]) + body + op("end")
        self.functions.append((self.type(params, results), leb_u(len(code)) + code))
        return self._next("func")

    def table(self, size: int) -> int:
        self.tables.append(b"\x70\x01" + leb_u(size) + leb_u(size))
        return self._next("table")

    def memory(self, pages: int) -> int:
        self.memories.append(b"\x00" + leb_u(pages))
        return self._next("memory")

    def mutable_i32(self, value: int) -> int:
        self.globals.append(bytes([VALTYPES["i32"], 1]) + i32(value) + op("end"))
        return self._next("global")

    def export(self, field: str, kind: str, index: int):
        self.exports.append(name(field) + bytes([KINDS[kind]]) + leb_u(index))

    def element(self, offset: int, functions: "list[int]"):
        self.elements.append(b"\x00" + i32(offset) + op("end") + vec([leb_u(index) for index in functions]))

    def segment(self, offset: int, content: bytes):
        self.data.append(b"\x00" + i32(offset) + op("end") + leb_u(len(content)) + content)

    def encode(self) -> bytes:
        parts = {
            1: self.types,
            2: self.imports,
            3: [leb_u(type_index) for type_index, _ in self.functions],
            4: self.tables,
            5: self.memories,
            6: self.globals,
            7: self.exports,
            9: self.elements,
            10: [code for _, code in self.functions],
            11: self.data,
        }
        sections = [section(identity, vec(items)) for identity, items in parts.items() if items]
        return b"\0asm\x01\0\0\0" + b"".join(sections)
