"""Makes a component of a core module whose imports and exports are named after WIT functions.

An import `wasi:cli/stdout@0.2.0` `get-stdout` is that function lowered, `[resource-drop]output-stream` the built-in that
drops one; an export `wasi:cli/run@0.2.0#run` becomes function `run` of the exported instance `wasi:cli/run@0.2.0`, and
an export without `#` a function of the component itself. Lowering needs the module's memory and `cabi_realloc`, and
the module needs the lowered functions: a shim with an empty table stands between, which is filled at the end.
"""
import dataclasses

from tests.support.component_writer import Component
from tests.support.core_writer import CoreModule, local_get, op

VALTYPE_NAMES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128"}


@dataclasses.dataclass
class Import:
    module: str
    field: str
    params: "list[str]"
    results: "list[str]"


class Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count:self.at]

    def u32(self) -> int:
        value = shift = 0
        while True:
            byte = self.bytes(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def name(self) -> str:
        return self.bytes(self.u32()).decode()

    def valtypes(self) -> "list[str]":
        return [VALTYPE_NAMES[byte] for byte in self.bytes(self.u32())]


def read_module(binary: bytes) -> "tuple[list[Import], list[str]]":
    """The function imports and the names of the exports of a core module that imports nothing but functions."""
    reader, types, imports, exports = Reader(binary), [], [], []
    reader.bytes(8)
    while reader.at < len(binary):
        identity, size = reader.bytes(1)[0], reader.u32()
        content = Reader(reader.bytes(size))
        if identity == 1:
            for _ in range(content.u32()):
                assert content.bytes(1) == b"\x60", "only function types"
                types.append((content.valtypes(), content.valtypes()))
        elif identity == 2:
            for _ in range(content.u32()):
                module, field, kind = content.name(), content.name(), content.bytes(1)[0]
                assert kind == 0, f"{module} {field}: only functions can be imported"
                imports.append(Import(module, field, *types[content.u32()]))
        elif identity == 7:
            for _ in range(content.u32()):
                exports.append(content.name())
                content.bytes(1)
                content.u32()
    return imports, exports


def shim_module(imports: "list[Import]") -> bytes:
    """Exports function number n for import number n, which calls entry n of the exported table."""
    shim = CoreModule()
    table = shim.table(len(imports))
    shim.export("table", "table", table)
    for number, item in enumerate(imports):
        arguments = b"".join(local_get(index) for index in range(len(item.params)))
        call = op("call_indirect", shim.type(item.params, item.results), table)
        body = arguments + op("i32.const", number) + call
        shim.export(str(number), "func", shim.func(item.params, item.results, [], body))
    return shim.encode()


def fixup_module(imports: "list[Import]") -> bytes:
    """Fills the shim's table with the functions that it imports."""
    fixup = CoreModule()
    functions = [fixup.import_func("", str(n), item.params, item.results) for n, item in enumerate(imports)]
    fixup.import_table("", "table", len(imports))
    fixup.element(0, functions)
    return fixup.encode()


class World:
    """What the component imports and exports. `imports` maps an interface to a function that defines its instance type
    in the component at hand and returns its index; `exports` maps an export of the core module to a function that
    defines its type."""

    def __init__(self, imports: dict, exports: dict):
        self.imports = imports
        self.exports = exports


class Imports:
    """The interfaces imported so far, for interfaces that use types of earlier ones."""

    def __init__(self, component: Component, world: World):
        self.component, self.world = component, world
        self.instances: "dict[str, int]" = {}
        self.types: "dict[tuple[str, str], int]" = {}

    def instance(self, interface: str) -> int:
        if interface not in self.instances:
            declare = self.world.imports[interface](self)
            type_ = self.component.instance_type(declare)
            self.instances[interface] = self.component.import_instance(interface, type_)
        return self.instances[interface]

    def type(self, interface: str, label: str) -> int:
        """The type `label` of an interface, in the component's own index space."""
        instance = self.instance(interface)
        if (interface, label) not in self.types:
            self.types[interface, label] = self.component.alias(instance, "type", label)
        return self.types[interface, label]


def lower_all(component: Component, imported: Imports, imports: "list[Import]", memory: int, realloc: int) -> dict:
    lowered = {}
    for number, item in enumerate(imports):
        if item.field.startswith("[resource-drop]"):
            resource = imported.type(item.module, item.field.removeprefix("[resource-drop]"))
            core = component.resource_builtin("drop", resource)
        else:
            func = component.alias(imported.instance(item.module), "func", item.field)
            core = component.lower(func, memory=memory, realloc=realloc, encoding="utf8")
        lowered[str(number)] = ("func", core)
    return lowered


def lift_all(component: Component, world: World, core_exports: "list[str]", main: int, memory: int, realloc: int):
    instances: "dict[str, dict]" = {}
    for label, define_type in world.exports.items():
        type_ = define_type(component)
        post_return = f"cabi_post_{label}"
        function = component.lift(
            component.core_alias(main, "func", label),
            type_,
            memory=memory,
            realloc=realloc,
            encoding="utf8",
            post_return=component.core_alias(main, "func", post_return) if post_return in core_exports else None,
        )
        interface, _, field = label.rpartition("#")
        if interface:
            instances.setdefault(interface, {})[field] = ("func", function)
        else:
            component.export(field, "func", function)
    for interface, functions in instances.items():
        component.export(interface, "instance", component.bundle(functions))


def make_component(core: bytes, world: World) -> bytes:
    imports, core_exports = read_module(core)
    component = Component()
    imported = Imports(component, world)
    for item in imports:
        imported.instance(item.module)

    shim = component.core_instantiate(component.core_module(shim_module(imports)))
    main_module = component.core_module(core)
    bundles: "dict[str, dict]" = {}
    for number, item in enumerate(imports):
        trampoline = component.core_alias(shim, "func", str(number))
        bundles.setdefault(item.module, {})[item.field] = ("func", trampoline)
    arguments = {module: component.core_bundle(functions) for module, functions in bundles.items()}
    main = component.core_instantiate(main_module, arguments)
    memory = component.core_alias(main, "memory", "memory")
    realloc = component.core_alias(main, "func", "cabi_realloc")

    filling = lower_all(component, imported, imports, memory, realloc)
    filling["table"] = ("table", component.core_alias(shim, "table", "table"))
    fixup = component.core_module(fixup_module(imports))
    component.core_instantiate(fixup, {"": component.core_bundle(filling)})
    lift_all(component, world, core_exports, main, memory, realloc)
    return component.encode()
