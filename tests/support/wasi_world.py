"""The part of WASI 0.2 that the hand-made components of tests and examples import and export."""
from tests.support.make_component import Imports, World

VERSION = "0.2.0"


def interface(label: str) -> str:
    return f"wasi:{label}@{VERSION}"


def io_error(_: Imports):
    return lambda instance: instance.export_resource("error")


def io_streams(imported: Imports):
    error = imported.type(interface("io/error"), "error")

    def declare(instance):
        own_error = ("own", instance.export_type("error", instance.outer_type(error)))
        output = instance.export_resource("output-stream")
        stream_error = instance.export_type(
            "stream-error", ("variant", {"last-operation-failed": own_error, "closed": None})
        )
        instance.export_func(
            "[method]output-stream.blocking-write-and-flush",
            {"self": ("borrow", output), "contents": ("list", "u8")},
            ("result", None, stream_error),
        )

    return declare


def cli_stdout(imported: Imports):
    output = imported.type(interface("io/streams"), "output-stream")

    def declare(instance):
        instance.export_func("get-stdout", {}, ("own", instance.export_type("output-stream", instance.outer_type(output))))

    return declare


def cli_environment(_: Imports):
    def declare(instance):
        instance.export_func("get-environment", {}, ("list", ("tuple", "string", "string")))
        instance.export_func("get-arguments", {}, ("list", "string"))
        instance.export_func("initial-cwd", {}, ("option", "string"))

    return declare


COMMAND = World(
    imports={
        interface("io/error"): io_error,
        interface("io/streams"): io_streams,
        interface("cli/stdout"): cli_stdout,
        interface("cli/environment"): cli_environment,
    },
    exports={interface("cli/run") + "#run": lambda component: component.func_type({}, ("result", None, None))},
)
