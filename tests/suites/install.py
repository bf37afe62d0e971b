"""`cmake --install`, and a program built against what it lays out, by each way and compiler."""
import shlex

from tests.support import guests
from tests.support.runner import ROOT, Case, Skip, once, require, run, text, tool

SOURCE = ROOT / "tests" / "install"
EXPECTED = "<hello from C++>\n"


class Installed:
    def __init__(self, build):
        self.build = build

        @once
        def prefix():
            if build.sanitized:
                raise Skip("a sanitized library cannot be linked by a program that is not")
            folder = build.scratch("install-prefix")
            run(["cmake", "--install", build.folder, "--prefix", folder])
            return folder

        self.prefix = prefix

    def check(self, program):
        component = guests.make("made/import-string.wasm")
        done = run([program, component], env=self.build.environment())
        require(text(done.stdout) == EXPECTED, f"expected {EXPECTED!r}, found {text(done.stdout)!r}")

    def by_cmake(self, compiler: str):
        prefix, folder = self.prefix(), self.build.scratch(f"install-cmake-{compiler}")
        options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={tool(compiler)}", "-GNinja"]
        run(["cmake", "-S", SOURCE, "-B", folder, *options])
        run(["cmake", "--build", folder])
        self.check(folder / "greeter")

    def by_pkg_config(self, compiler: str):
        prefix, folder = self.prefix(), self.build.scratch(f"install-pkg-config-{compiler}")
        environment = self.build.environment(PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"))
        flags = text(run(["pkg-config", "--cflags", "--libs", "tenon"], env=environment).stdout)
        warnings = ["-std=c++23", "-Wall", "-Wextra", "-Werror"]
        source = SOURCE / "greeter.cc"
        run([tool(compiler), *warnings, source, *shlex.split(flags), "-o", folder / "greeter"])
        self.check(folder / "greeter")

    def program_runs(self):
        done = run([self.prefix() / "bin" / "tenon", "run", guests.make("c/hello.wasm"), "there"])
        require(text(done.stdout) == "hello there\n", text(done.stdout))

    def program_needs_libc_alone(self):
        libraries = text(run(["ldd", self.prefix() / "bin" / "tenon"]).stdout)
        allowed = ("linux-vdso", "libc.so", "libm.so", "ld-linux")
        others = [line for line in libraries.splitlines() if not any(name in line for name in allowed)]
        require(not others, "the program needs more than libc:\n" + "\n".join(others))

    def headers(self, compiler: str):
        """Each public header compiles by itself, with warnings as errors, also under -fno-exceptions."""
        include = self.prefix() / "include"
        headers = sorted(path.relative_to(include) for path in include.rglob("*.h"))
        for header in headers:
            for extra in ([], ["-fno-exceptions"]):
                flags = ["-std=c++23", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-fsyntax-only", *extra]
                run([tool(compiler), *flags, "-I", include, "-include", header, "-x", "c++", "/dev/null"])
        return len(headers)


def cases(build):
    installed = Installed(build)
    by_compiler = {
        "find_package": installed.by_cmake,
        "pkg-config": installed.by_pkg_config,
        "headers": installed.headers,
    }
    compilers = ("g++", "clang++-22")
    return [
        Case("program-runs", installed.program_runs),
        Case("program-needs-libc-alone", installed.program_needs_libc_alone),
        *(
            Case(f"{name}-{compiler}", lambda check=check, compiler=compiler: check(compiler))
            for name, check in by_compiler.items()
            for compiler in compilers
        ),
    ]
