"""Writes components in binary form, one definition a call, each call returning the index it made.

    component = Component()
    module = component.core_module(binary)
    instance = component.core_instantiate(module)
    core_add = component.core_alias(instance, "func", "add")
    add = component.lift(core_add, component.func_type({"a": "u32", "b": "u32"}, "u32"))
    component.export("add", "func", add)
    binary = component.encode()

A value type is the name of a primitive (`"u32"`, `"string"`), the index of a type already defined, or a tuple that
describes one: `("list", T)`, `("option", T)`, `("result", T or None, E or None)`, `("tuple", T...)`,
`("record", {label: T})`, `("variant", {label: T or None})`, `("enum", label...)`, `("flags", label...)`,
`("own", index)`, `("borrow", index)`. Described types are defined where they are used, once for each scope.
"""
from tests.support.core_writer import VALTYPES, leb_u, name, section, vec

PRIMITIVES = {
    "bool": 0x7F, "s8": 0x7E, "u8": 0x7D, "s16": 0x7C, "u16": 0x7B, "s32": 0x7A, "u32": 0x79, "s64": 0x78,
    "u64": 0x77, "f32": 0x76, "f64": 0x75, "char": 0x74, "string": 0x73,
}  # fmt: skip
CORE_SORTS = {"func": 0x00, "table": 0x01, "memory": 0x02, "global": 0x03, "type": 0x10, "module": 0x11, "instance": 0x12}
SORTS = {"func": 0x01, "type": 0x03, "component": 0x04, "instance": 0x05}
ENCODINGS = {"utf8": 0x00, "utf16": 0x01, "latin1+utf16": 0x02}

CORE_MODULE, CORE_INSTANCE, COMPONENT, INSTANCE, ALIAS, TYPE, CANON, IMPORT, EXPORT = 1, 2, 4, 5, 6, 7, 8, 10, 11


def extern_name(text: str) -> bytes:
    return b"\x00" + name(text)


def optional(encoded: "bytes | None") -> bytes:
    return b"\x00" if encoded is None else b"\x01" + encoded


class TypeScope:
    """What components, component types and instance types share: a type index space and ways to add to it."""

    def __init__(self):
        self.type_count = 0
        self.described: "dict[tuple, int]" = {}

    def _define(self, encoded: bytes) -> int:
        self._add_type(encoded)
        return self._new_type()

    def _new_type(self) -> int:
        self.type_count += 1
        return self.type_count - 1

    def _add_type(self, encoded: bytes):
        raise NotImplementedError

    def valtype(self, type_: "str | int | tuple") -> bytes:
        if isinstance(type_, str):
            return bytes([PRIMITIVES[type_]])
        return leb_u(type_ if isinstance(type_, int) else self.value_type(type_))

    def value_type(self, type_: "str | tuple") -> int:
        """The index of a described type, which is defined here unless this scope has it."""
        key = repr(type_)
        if key not in self.described:
            self.described[key] = self._define(self._describe(type_))
        return self.described[key]

    def _describe(self, type_: "str | tuple") -> bytes:
        if isinstance(type_, str):
            return bytes([PRIMITIVES[type_]])
        kind, *rest = type_
        if kind == "record":
            return b"\x72" + vec([name(label) + self.valtype(t) for label, t in rest[0].items()])
        if kind == "variant":
            cases = [name(label) + optional(t and self.valtype(t)) + b"\x00" for label, t in rest[0].items()]
            return b"\x71" + vec(cases)
        if kind == "tuple":
            return b"\x6f" + vec([self.valtype(t) for t in rest])
        if kind in ("flags", "enum"):
            return bytes([0x6E if kind == "flags" else 0x6D]) + vec([name(label) for label in rest])
        if kind == "result":
            ok, error = (None if t is None else self.valtype(t) for t in rest)
            return b"\x6a" + optional(ok) + optional(error)
        if kind == "map":
            return b"\x63" + self.valtype(rest[0]) + self.valtype(rest[1])
        if kind == "fixed-list":
            return b"\x67" + self.valtype(rest[0]) + leb_u(rest[1])
        if kind in ("own", "borrow"):
            return bytes([0x69 if kind == "own" else 0x68]) + leb_u(rest[0])
        return bytes([{"list": 0x70, "option": 0x6B}[kind]]) + self.valtype(rest[0])

    def func_type(self, params: "dict[str, str | int | tuple]", result: "str | int | tuple | None" = None) -> int:
        encoded = vec([name(label) + self.valtype(t) for label, t in params.items()])
        encoded += b"\x01\x00" if result is None else b"\x00" + self.valtype(result)
        return self._define(b"\x40" + encoded)

    def instance_type(self, declare) -> int:
        """Defines an instance type; `declare` is called with the `InstanceType` to fill in."""
        inner = InstanceType()
        declare(inner)
        return self._define(inner.encode())


class InstanceType(TypeScope):
    def __init__(self):
        super().__init__()
        self.declarations: "list[bytes]" = []

    def _add_type(self, encoded: bytes):
        self.declarations.append(b"\x01" + encoded)

    def outer_type(self, index: int) -> int:
        """A type of the scope around this one."""
        self.declarations.append(b"\x02" + bytes([SORTS["type"], 0x02]) + leb_u(1) + leb_u(index))
        return self._new_type()

    def export_resource(self, label: str) -> int:
        self.declarations.append(b"\x04" + extern_name(label) + b"\x03\x01")
        return self._new_type()

    def export_type(self, label: str, type_: "int | tuple") -> int:
        index = type_ if isinstance(type_, int) else self.value_type(type_)
        self.declarations.append(b"\x04" + extern_name(label) + b"\x03\x00" + leb_u(index))
        return self._new_type()

    def export_func(self, label: str, params: "dict", result=None):
        index = self.func_type(params, result)
        self.declarations.append(b"\x04" + extern_name(label) + b"\x01" + leb_u(index))

    def encode(self) -> bytes:
        return b"\x42" + vec(self.declarations)


class Component(TypeScope):
    def __init__(self):
        super().__init__()
        self.sections: "list[tuple[int, list[bytes]]]" = []
        self.counts: "dict[str, int]" = {}

    def _add(self, identity: int, encoded: bytes):
        if not self.sections or self.sections[-1][0] != identity or identity in (CORE_MODULE, COMPONENT):
            self.sections.append((identity, []))
        self.sections[-1][1].append(encoded)

    def _add_type(self, encoded: bytes):
        self._add(TYPE, encoded)

    def _next(self, sort: str) -> int:
        if sort == "type":
            return self._new_type()
        self.counts[sort] = self.counts.get(sort, 0) + 1
        return self.counts[sort] - 1

    def core_module(self, binary: bytes) -> int:
        self._add(CORE_MODULE, binary)
        return self._next("core module")

    def core_instantiate(self, module: int, arguments: "dict[str, int] | None" = None) -> int:
        encoded = [name(label) + b"\x12" + leb_u(instance) for label, instance in (arguments or {}).items()]
        self._add(CORE_INSTANCE, b"\x00" + leb_u(module) + vec(encoded))
        return self._next("core instance")

    def core_bundle(self, exports: "dict[str, tuple[str, int]]") -> int:
        """A core instance made of definitions at hand: name to (sort, index)."""
        encoded = [name(label) + bytes([CORE_SORTS[sort]]) + leb_u(index) for label, (sort, index) in exports.items()]
        self._add(CORE_INSTANCE, b"\x01" + vec(encoded))
        return self._next("core instance")

    def core_alias(self, instance: int, sort: str, label: str) -> int:
        self._add(ALIAS, bytes([0x00, CORE_SORTS[sort], 0x01]) + leb_u(instance) + name(label))
        return self._next(f"core {sort}")

    def alias(self, instance: int, sort: str, label: str) -> int:
        self._add(ALIAS, bytes([SORTS[sort], 0x00]) + leb_u(instance) + name(label))
        return self._next(sort)

    def component(self, inner: "Component") -> int:
        self._add(COMPONENT, inner.encode())
        return self._next("component")

    def instantiate(self, component: int, arguments: "dict[str, tuple[str, int]] | None" = None) -> int:
        encoded = [name(label) + self._sort_index(*argument) for label, argument in (arguments or {}).items()]
        self._add(INSTANCE, b"\x00" + leb_u(component) + vec(encoded))
        return self._next("instance")

    def bundle(self, exports: "dict[str, tuple[str, int]]") -> int:
        """An instance made of definitions at hand: name to (sort, index)."""
        encoded = [extern_name(label) + self._sort_index(*item) for label, item in exports.items()]
        self._add(INSTANCE, b"\x01" + vec(encoded))
        return self._next("instance")

    @staticmethod
    def _sort_index(sort: str, index: int) -> bytes:
        return (b"\x00\x11" if sort == "core module" else bytes([SORTS[sort]])) + leb_u(index)

    def resource_type(self, destructor: "int | None" = None) -> int:
        return self._define(bytes([0x3F, VALTYPES["i32"]]) + optional(None if destructor is None else leb_u(destructor)))

    @staticmethod
    def _options(memory, realloc, post_return, encoding) -> bytes:
        options = [bytes([ENCODINGS[encoding]])] if encoding else []
        for code, index in ((0x03, memory), (0x04, realloc), (0x05, post_return)):
            if index is not None:
                options.append(bytes([code]) + leb_u(index))
        return vec(options)

    def lift(self, core_func, func_type, *, memory=None, realloc=None, post_return=None, encoding=None) -> int:
        options = self._options(memory, realloc, post_return, encoding)
        self._add(CANON, b"\x00\x00" + leb_u(core_func) + options + leb_u(func_type))
        return self._next("func")

    def lower(self, func, *, memory=None, realloc=None, encoding=None) -> int:
        self._add(CANON, b"\x01\x00" + leb_u(func) + self._options(memory, realloc, None, encoding))
        return self._next("core func")

    def resource_builtin(self, which: str, resource: int) -> int:
        """`which` is new, drop or rep."""
        self._add(CANON, bytes([{"new": 0x02, "drop": 0x03, "rep": 0x04}[which]]) + leb_u(resource))
        return self._next("core func")

    def import_func(self, label: str, func_type: int) -> int:
        self._add(IMPORT, extern_name(label) + b"\x01" + leb_u(func_type))
        return self._next("func")

    def import_instance(self, label: str, instance_type: int) -> int:
        self._add(IMPORT, extern_name(label) + b"\x05" + leb_u(instance_type))
        return self._next("instance")

    def import_type(self, label: str, index: "int | None") -> int:
        """A type equal to one at hand, or with None a resource type."""
        bound = b"\x01" if index is None else b"\x00" + leb_u(index)
        self._add(IMPORT, extern_name(label) + b"\x03" + bound)
        return self._new_type()

    def export(self, label: str, sort: str, index: int) -> int:
        self._add(EXPORT, extern_name(label) + self._sort_index(sort, index) + b"\x00")
        return self._next(sort)

    def encode(self) -> bytes:
        encoded = [
            section(identity, items[0] if identity in (CORE_MODULE, COMPONENT) else vec(items))
            for identity, items in self.sections
        ]
        return b"\0asm\x0d\0\x01\0" + b"".join(encoded)
