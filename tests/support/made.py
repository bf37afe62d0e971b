"""Small components written by hand, in binary form.

    echo-TYPE       exports `echo: func(x: TYPE) -> TYPE`, implemented by core code that stores what it was passed
    forward-TYPE    the same, through a second component inside that imports the first one's echo and passes on
    import-TYPE     that second component alone: it imports `echo` from the host and exports one that calls it
    counter         a component inside uses a resource of another: constructor, methods, static function, destructor;
                    exports `run: func(n: u32) -> list<u32>`

TYPE is a key of TYPES, and may be followed by `-utf16` or `-latin1` for the encoding of its strings (in `forward`, of
the inner component's alone, so that the adapter transcodes).
"""
from tests.support import canonical_layout as layout
from tests.support.component_writer import Component
from tests.support.core_writer import CoreModule, access, i32, if_, local_get, op
from tests.support.runner import Failure

WORDS = [f"f{n}" for n in range(32)]

TYPES = {
    **{name: name for name in ("bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char")},
    "string": "string",
    "list-u8": ("list", "u8"),
    "list-string": ("list", "string"),
    "list-list": ("list", ("list", "u16")),
    "tuple": ("tuple", "u8", "string", "f64", "s16"),
    "record": ("record", {"name": "string", "age": "u8", "height": "f32", "id": "u64", "tags": ("list", "string")}),
    "wide": ("tuple", *["u32"] * 17),
    "variant": ("variant", {"nothing": None, "small": "u8", "text": "string", "real": "f32", "big": "s64", "pair": ("tuple", "f64", "u32")}),
    "enum": ("enum", "red", "green", "blue"),
    "flags": ("flags", "read", "write", "execute"),
    "flags-12": ("flags", *WORDS[:12]),
    "flags-32": ("flags", *WORDS),
    "option": ("option", "u32"),
    "option-option": ("option", ("option", "string")),
    "result": ("result", "u32", "string"),
    "result-ok": ("result", ("list", "u8"), None),
    "result-none": ("result", None, None),
    "map": ("map", "string", "u64"),
    "fixed": ("fixed-list", "s16", 3),
    "fixed-long": ("fixed-list", ("tuple", "u8", "string"), 12),
    "fixed-bytes": ("list", ("fixed-list", "u8", 9)),
    "list-variant": ("list", ("result", ("tuple", "u8", "f64"), ("option", "char"))),
}  # fmt: skip
ENCODINGS = {"utf16": "utf16", "latin1": "latin1+utf16"}
NAMED_KINDS = ("record", "variant", "enum", "flags")
PAGE = 65536


def add_memory(module: CoreModule) -> int:
    """A memory and a cabi_realloc that takes fresh space and never gives it back; returns the function."""
    memory = module.memory(1)
    next_free = module.mutable_i32(1024)
    # Parameters: old pointer, old size, alignment, new size. Locals: 4 = start, 5 = end, 6 = bytes still to copy.
    up = local_get(2) + i32(1) + op("i32.sub")
    start = op("global.get", next_free) + up + op("i32.add") + i32(0) + local_get(2) + op("i32.sub") + op("i32.and")
    body = start + op("local.tee", 4) + local_get(3) + op("i32.add") + op("local.tee", 5) + op("global.set", next_free)
    pages_short = local_get(5) + i32(PAGE - 1) + op("i32.add") + i32(16) + op("i32.shr_u")
    pages_short += op("memory.size", memory) + op("i32.sub")
    grow = pages_short + op("memory.grow", memory) + i32(-1) + op("i32.eq")
    body += if_(
        local_get(5) + op("memory.size", memory) + i32(16) + op("i32.shl") + op("i32.gt_u"),
        if_(grow, op("unreachable")),
    )
    one = local_get(6) + i32(1) + op("i32.sub") + op("local.set", 6)
    copied = local_get(4) + local_get(6) + op("i32.add") + local_get(0) + local_get(6) + op("i32.add")
    copied += access("i32.load8_u") + access("i32.store8")
    again = op("br", 1)
    body += local_get(1) + op("local.set", 6)
    body += bytes([0x03, 0x40]) + if_(local_get(6), one + copied + again) + op("end")
    body += local_get(4)
    realloc = module.func(["i32"] * 4, ["i32"], ["i32"] * 3, body)
    module.export("memory", "memory", memory)
    module.export("realloc", "func", realloc)
    return realloc


def allocate(realloc: int, type_) -> bytes:
    return i32(0) + i32(0) + i32(layout.alignment(type_)) + i32(layout.elem_size(type_)) + op("call", realloc)


def signature(type_) -> "tuple[list[str], list[str]]":
    """The core signature of a lifted `func(x: T) -> T`."""
    flat = layout.flatten(type_)
    params = flat if len(flat) <= layout.MAX_FLAT_PARAMS else ["i32"]
    return params, flat if len(flat) <= layout.MAX_FLAT_RESULTS else ["i32"]


def echo_module(type_) -> bytes:
    module = CoreModule()
    realloc = add_memory(module)
    params, results = signature(type_)
    flat = layout.flatten(type_)
    if params != flat or results == flat:
        # What came by pointer goes back by pointer, and a single value as it is.
        body, local_types = local_get(0), []
    else:
        pointer = len(params)
        stored = layout.store(type_, list(enumerate(flat)), pointer)
        body = allocate(realloc, type_) + op("local.set", pointer) + stored + local_get(pointer)
        local_types = ["i32"]
    module.export("echo", "func", module.func(params, results, local_types, body))
    module.export("post", "func", module.func(results, [], [], b""))
    return module.encode()


def forward_module(type_) -> bytes:
    """Imports echo as it is lowered, and the memory that it was lowered with."""
    module = CoreModule()
    params, results = signature(type_)
    by_pointer = results != layout.flatten(type_)
    lowered = module.import_func("host", "echo", params + ["i32"] * by_pointer, [] if by_pointer else results)
    realloc = module.import_func("memory", "realloc", ["i32"] * 4, ["i32"])
    arguments = b"".join(local_get(index) for index in range(len(params)))
    if by_pointer:
        pointer = len(params)
        body = allocate(realloc, type_) + op("local.set", pointer)
        body += arguments + local_get(pointer) + op("call", lowered) + local_get(pointer)
    else:
        body = arguments + op("call", lowered)
    module.export("echo", "func", module.func(params, results, ["i32"], body))
    return module.encode()


def memory_module() -> bytes:
    module = CoreModule()
    add_memory(module)
    return module.encode()


def exported_type(component: Component, type_):
    """The type as an exported function may use it: records and the like need a name that is exported, too."""
    if isinstance(type_, tuple) and type_[0] in NAMED_KINDS:
        return component.export("t", "type", component.value_type(type_))
    return type_


def echo(type_, encoding: "str | None") -> Component:
    component = Component()
    instance = component.core_instantiate(component.core_module(echo_module(type_)))
    used = exported_type(component, type_)
    lifted = component.lift(
        component.core_alias(instance, "func", "echo"),
        component.func_type({"x": used}, used),
        memory=component.core_alias(instance, "memory", "memory"),
        realloc=component.core_alias(instance, "func", "realloc"),
        post_return=component.core_alias(instance, "func", "post"),
        encoding=encoding,
    )
    component.export("echo", "func", lifted)
    return component


def forwarder(type_) -> Component:
    """Imports `echo` (and its named type `t`), and exports an echo that calls it."""
    component = Component()
    used = type_
    if isinstance(type_, tuple) and type_[0] in NAMED_KINDS:
        used = component.import_type("t", component.value_type(type_))
    func_type = component.func_type({"x": used}, used)
    imported = component.import_func("echo", func_type)
    memories = component.core_instantiate(component.core_module(memory_module()))
    memory = component.core_alias(memories, "memory", "memory")
    realloc = component.core_alias(memories, "func", "realloc")
    lowered = component.lower(imported, memory=memory, realloc=realloc, encoding="utf8")
    host = component.core_bundle({"echo": ("func", lowered)})
    instance = component.core_instantiate(
        component.core_module(forward_module(type_)), {"host": host, "memory": memories}
    )
    core = component.core_alias(instance, "func", "echo")
    component.export("echo", "func", component.lift(core, func_type, memory=memory, realloc=realloc, encoding="utf8"))
    return component


def forward(type_, encoding: "str | None") -> Component:
    outer = Component()
    first = outer.instantiate(outer.component(echo(type_, encoding)))
    arguments = {"echo": ("func", outer.alias(first, "func", "echo"))}
    if isinstance(type_, tuple) and type_[0] in NAMED_KINDS:
        arguments["t"] = ("type", outer.export("t", "type", outer.alias(first, "type", "t")))
    second = outer.instantiate(outer.component(forwarder(type_)), arguments)
    outer.export("echo", "func", outer.alias(second, "func", "echo"))
    return outer


def counter_state() -> bytes:
    """The counters themselves: each is a word in memory, its address the representation of the resource."""
    module = CoreModule()
    realloc = add_memory(module)
    drops = module.mutable_i32(0)
    new = i32(0) + i32(0) + i32(4) + i32(4) + op("call", realloc) + op("local.tee", 1)
    new += local_get(0) + access("i32.store") + local_get(1)
    value = access("i32.load")
    added = local_get(0) + local_get(0) + value + local_get(1) + op("i32.add") + access("i32.store")
    dropped = op("global.get", drops) + i32(1) + op("i32.add") + op("global.set", drops)
    module.export("new", "func", module.func(["i32"], ["i32"], ["i32"], new))
    module.export("add", "func", module.func(["i32", "i32"], [], [], added))
    module.export("get", "func", module.func(["i32"], ["i32"], [], local_get(0) + value))
    module.export("drop", "func", module.func(["i32"], [], [], dropped))
    module.export("drops", "func", module.func([], ["i32"], [], op("global.get", drops)))
    return module.encode()


def counter_handles() -> bytes:
    """The functions that deal in owned handles: make one, and make one of the sum of two."""
    module = CoreModule()
    one, two = ["i32"], ["i32", "i32"]
    new = module.import_func("state", "new", one, one)
    get = module.import_func("state", "get", one, one)
    make = module.import_func("handle", "new", one, one)
    rep = module.import_func("handle", "rep", one, one)
    drop = module.import_func("handle", "drop", one, [])
    value = [local_get(n) + op("call", rep) + op("call", get) for n in (0, 1)]
    dropped = b"".join(local_get(n) + op("call", drop) for n in (0, 1))
    merged = value[0] + value[1] + op("i32.add") + op("local.set", 2) + dropped
    merged += local_get(2) + op("call", new) + op("call", make)
    module.export("new", "func", module.func(one, one, [], local_get(0) + op("call", new) + op("call", make)))
    module.export("merge", "func", module.func(two, one, one, merged))
    return module.encode()


def counters() -> Component:
    component = Component()
    state = component.core_instantiate(component.core_module(counter_state()))
    resource = component.resource_type(component.core_alias(state, "func", "drop"))
    handle = {which: ("func", component.resource_builtin(which, resource)) for which in ("new", "rep", "drop")}
    handles = component.core_instantiate(
        component.core_module(counter_handles()), {"state": state, "handle": component.core_bundle(handle)}
    )
    exported = component.export("counter", "type", resource)
    for label, core, params, result in counter_functions(exported):
        function = component.core_alias(handles if core in ("new", "merge") else state, "func", core)
        component.export(label, "func", component.lift(function, component.func_type(params, result)))
    return component


def counter_functions(resource: int):
    own, borrow = ("own", resource), ("borrow", resource)
    return [
        ("[constructor]counter", "new", {"value": "u32"}, own),
        ("[method]counter.add", "add", {"self": borrow, "n": "u32"}, None),
        ("[method]counter.get", "get", {"self": borrow}, "u32"),
        ("[static]counter.merge", "merge", {"a": own, "b": own}, own),
        ("drops", "drops", {}, "u32"),
    ]


def counter_user_module() -> bytes:
    """run(n): a = counter(n), a.add(5), b = counter(100), c = merge(a, b); [a.get(), c.get(), drops() before and after]."""
    module = CoreModule()
    one, two = ["i32"], ["i32", "i32"]
    new = module.import_func("counters", "new", one, one)
    add = module.import_func("counters", "add", two, [])
    get = module.import_func("counters", "get", one, one)
    merge = module.import_func("counters", "merge", two, one)
    drops = module.import_func("counters", "drops", [], one)
    drop = module.import_func("counters", "drop", one, [])
    add_memory(module)
    result, values = 16, 32  # addresses of the list returned and of its elements

    def keep(index: int, code: bytes) -> bytes:
        return i32(values + 4 * index) + code + access("i32.store")

    body = local_get(0) + op("call", new) + op("local.tee", 1) + i32(5) + op("call", add)
    body += keep(0, local_get(1) + op("call", get))
    body += local_get(1) + i32(100) + op("call", new) + op("call", merge) + op("local.set", 1)
    body += keep(1, local_get(1) + op("call", get)) + keep(2, op("call", drops))
    body += local_get(1) + op("call", drop) + keep(3, op("call", drops))
    body += i32(result) + i32(values) + access("i32.store") + i32(result + 4) + i32(4) + access("i32.store")
    module.export("run", "func", module.func(one, one, ["i32"], body + i32(result)))
    return module.encode()


def counter_user() -> Component:
    component = Component()

    def declare(instance):
        resource = instance.export_resource("counter")
        for label, _, params, result in counter_functions(resource):
            instance.export_func(label, params, result)

    imported = component.import_instance("counters", component.instance_type(declare))
    lowered = {
        core: ("func", component.lower(component.alias(imported, "func", label)))
        for label, core, _, _ in counter_functions(0)
    }
    resource = component.alias(imported, "type", "counter")
    lowered["drop"] = ("func", component.resource_builtin("drop", resource))
    arguments = {"counters": component.core_bundle(lowered)}
    instance = component.core_instantiate(component.core_module(counter_user_module()), arguments)
    run = component.lift(
        component.core_alias(instance, "func", "run"),
        component.func_type({"n": "u32"}, ("list", "u32")),
        memory=component.core_alias(instance, "memory", "memory"),
    )
    component.export("run", "func", run)
    return component


def counter() -> Component:
    outer = Component()
    first = outer.instantiate(outer.component(counters()))
    second = outer.instantiate(outer.component(counter_user()), {"counters": ("instance", first)})
    outer.export("run", "func", outer.alias(second, "func", "run"))
    return outer


def write(name: str) -> bytes:
    if name == "counter":
        return counter().encode()
    kind, _, rest = name.partition("-")
    type_name, _, suffix = rest.rpartition("-")
    encoding = ENCODINGS.get(suffix)
    type_ = TYPES.get(type_name if encoding else rest)
    if kind not in ("echo", "forward", "import") or type_ is None:
        raise Failure(f"no component named `{name}`")
    if kind == "import":
        return forwarder(type_).encode()
    return (echo if kind == "echo" else forward)(type_, encoding or "utf8").encode()
