#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "component/wave/reader.h"
#include "component/wave/writer.h"

#include <doctest/doctest.h>

namespace tenon::component {
namespace {

struct Types {
  ComponentTypes types;
  ValType add(Type type) { return ValType(*types.add(std::move(type))); }

  std::string round_trip(ValType type, std::string_view text) {
    auto value = parse_wave(types, type, text);
    if (!value) return "error: " + value.error().message();
    return *to_wave(*value);
  }
  bool rejects(ValType type, std::string_view text) {
    return !parse_wave(types, type, text).has_value();
  }
};

TEST_CASE("wave: numbers") {
  Types t;
  CHECK(t.round_trip(Primitive::s8, "-128") == "-128");
  CHECK(t.round_trip(Primitive::u64, "18446744073709551615") == "18446744073709551615");
  for (const char* bad : {"256", "-1", "1.0", "0x1", "1_0", "01", "+1", "", "1 2", "a"})
    CHECK(t.rejects(Primitive::u8, bad));
  CHECK(t.round_trip(Primitive::f64, "3.14") == "3.14");
  CHECK(t.round_trip(Primitive::f64, "1") == "1");
  CHECK(t.round_trip(Primitive::f64, "-0") == "-0");
  CHECK(t.round_trip(Primitive::f64, "1e21") == "1000000000000000000000");
  CHECK(t.round_trip(Primitive::f64, "1.5e-7") == "0.00000015");
  CHECK(t.round_trip(Primitive::f64, "123.456") == "123.456");
  CHECK(t.round_trip(Primitive::f32, "0.1") == "0.1");
  CHECK(t.round_trip(Primitive::f32, "nan") == "nan");
  CHECK(t.round_trip(Primitive::f32, "-inf") == "-inf");
  for (const char* bad : {"1.", ".5", "1e", "-nan", "1e999", "-"})
    CHECK(t.rejects(Primitive::f64, bad));
}

TEST_CASE("wave: characters and strings") {
  Types t;
  CHECK(t.round_trip(Primitive::char_, "'\"'") == "'\\\"'");
  CHECK(t.round_trip(Primitive::char_, "'\\u{7f}'") == "'\\u{7f}'");
  for (const char* bad : {"''", "'ab'", "'\n'", "'a", "'\\u{d800}'", "a", "'\\"})
    CHECK(t.rejects(Primitive::char_, bad));
  CHECK(t.round_trip(Primitive::string, "\"a\\n\\u{7f}é\"") == "\"a\\n\\u{7f}é\"");
  for (const char* bad : {"\"", "\"\\\"", "\"\\q\"", "\"\\u{110000}\"", "\"\\u{}\"", "\"\xff\"",
                          "\"\"\"\"\"\"", "\"\"\"\nx\"\"\"", "\"\"\"\nx\n y"}) {
    CHECK(t.rejects(Primitive::string, bad));
  }
}

TEST_CASE("wave: options and results without their words") {
  Types t;
  ValType option = t.add(OptionType{Primitive::u8});
  CHECK(t.round_trip(option, "7") == "some(7)");
  CHECK(t.round_trip(option, "none") == "none");
  ValType nested = t.add(OptionType{option});
  CHECK(t.round_trip(nested, "some(none)") == "some(none)");
  CHECK(t.round_trip(nested, "7") == "some(some(7))");
  ValType result = t.add(ResultType{ValType(Primitive::u8), ValType(Primitive::string)});
  CHECK(t.round_trip(result, "7") == "ok(7)");
  CHECK(t.round_trip(result, "err(\"bad\")") == "err(\"bad\")");
  CHECK(t.rejects(result, "ok"));
}

TEST_CASE("wave: tuples, records and flags") {
  Types t;
  ValType one = t.add(TupleType{{Primitive::u8}});
  CHECK(t.round_trip(one, "(7)") == "(7)");
  CHECK(t.round_trip(one, "(7,)") == "(7)");
  ValType record =
      t.add(RecordType{{{"a", Primitive::u8}, {"b", t.add(OptionType{Primitive::u8})}}});
  CHECK(t.round_trip(record, "{zzz: [1, {a: (2)}], a: 1}") == "{a: 1}");
  CHECK(t.rejects(record, "{zzz: , a: 1}"));
  CHECK(t.rejects(record, "{zzz: ], a: 1}"));
  ValType flags = t.add(FlagsType{{"read", "write"}});
  CHECK(t.round_trip(flags, "{write, read,}") == "{read, write}");
  CHECK(t.round_trip(flags, "{}") == "{}");
  CHECK(t.rejects(flags, "{exec}"));
  CHECK(t.rejects(flags, "{read, read}"));
  ValType fixed = t.add(FixedListType{Primitive::u8, 2});
  CHECK(t.round_trip(fixed, "[1, 2]") == "[1, 2]");
  CHECK(t.rejects(fixed, "[1]"));
  CHECK(t.rejects(fixed, "[1, 2, 3]"));
  ValType map = t.add(MapType{Primitive::string, Primitive::u8, {}});
  CHECK(t.round_trip(map, "[(\"a\", 1), (\"b\", 2)]") == "[(\"a\", 1), (\"b\", 2)]");
  CHECK(t.rejects(map, "[(1, 1)]"));
  // No depth of the text costs more than the type has.
  std::string deep(100'000, '[');
  CHECK(t.rejects(t.add(ListType{Primitive::u8}), deep));
  CHECK(t.rejects(record, "{zzz: " + deep));
}

TEST_CASE("wave: calls") {
  auto call = parse_wave_call("wasi:cli/run.run@0.2.0()");
  CHECK(call->interface == "wasi:cli/run@0.2.0");
  CHECK(call->function == "run");
  CHECK(parse_wave_call("f(1)")->interface.empty());
  CHECK(parse_wave_call("%f32(1)")->function == "f32");
  CHECK(parse_wave_call("my:pkg/iface.func({a: 1})")->interface == "my:pkg/iface");
  for (const char* bad : {"", "f", "a:b/c()", "a:b/c@1.0.0.f()", "f@1.0.0()", "(1)", "F O()"})
    CHECK(!parse_wave_call(bad));

  Types t;
  FuncType function{{{"a", Primitive::u8}, {"b", t.add(OptionType{Primitive::u8})}}, {}};
  auto arguments = [&](std::string_view text) {
    return parse_wave_arguments(t.types, function, *parse_wave_call(text), text);
  };
  CHECK(arguments("f(1)")->size() == 2);
  CHECK(arguments("f(1, 2,)")->size() == 2);
  CHECK(!arguments("f()"));
  CHECK(!arguments("f(1, 2, 3)"));
  CHECK(!arguments("f(1) x"));
  CHECK(arguments("f(x)").error().to_string() ==
        "argument `a`: expected a whole number (u8), found `x`\n  f(x)\n    ^");
}

// The reference's own tests: `.waves` holds calls, `.out` what they are printed as.
class Corpus {
 public:
  Corpus() {
    const char* folder = std::getenv("TENON_CONFORMANCE");
    root_ = folder ? folder : "../shared/conformance";
    add_types();
  }
  std::string read(const std::string& name) const {
    std::ifstream file(root_ + "/wave/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const FuncType& function(const std::string& name) const { return functions_.find(name)->second; }
  Types& types() { return types_; }

 private:
  void add(const std::string& name, const std::string& param, ValType type) {
    functions_[name] = FuncType{{{param, type}}, {}};
  }
  ValType list(ValType element) { return types_.add(ListType{element}); }

  void add_types() {
    using P = Primitive;
    ValType option = types_.add(OptionType{P::u8});
    ValType result = types_.add(ResultType{});
    add("string", "val", P::string);
    add("list-strings", "vals", list(P::string));
    add("list-chars", "vals", list(P::char_));
    add("basic-record", "rec", types_.add(RecordType{{{"required", P::u8}, {"optional", option}}}));
    add("optional-fields-record", "rec", types_.add(RecordType{{{"a", option}, {"b", option}}}));
    add("keyword-fields-record", "rec",
        types_.add(RecordType{{{"true", P::bool_},
                               {"false", P::bool_},
                               {"some", option},
                               {"none", option},
                               {"ok", result},
                               {"err", result},
                               {"inf", P::f32},
                               {"nan", P::f32}}}));
    add("hand-enum", "enm", types_.add(EnumType{{"left", "right"}}));
    add("keyword-cases-enum", "enm",
        types_.add(EnumType{{"true", "false", "some", "none", "ok", "err", "inf", "nan"}}));
  }

  std::string root_;
  Types types_;
  std::map<std::string, FuncType> functions_;
};

// Calls end with a semicolon at the end of a line, or of the file; comments between calls are not
// part of them.
std::vector<std::string> calls_of(std::string text) {
  std::vector<std::string> calls;
  while (text.ends_with('\n')) text.pop_back();
  if (!text.ends_with(';')) text += ';';
  size_t start = 0;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != ';' || (i + 1 < text.size() && text[i + 1] != '\n')) continue;
    std::string call = text.substr(start, i - start);
    while (call.starts_with('\n') || call.starts_with("//")) call.erase(0, call.find('\n') + 1);
    calls.push_back(std::move(call));
    start = i + 1;
  }
  return calls;
}

TEST_CASE("wave: the reference's tests") {
  Corpus corpus;
  if (corpus.read("accept-strings.waves").empty()) {
    MESSAGE("skipped: no conformance corpus");
    return;
  }
  auto run = [&](const std::string& call) -> Result<std::string> {
    WaveCall parsed = TRY(parse_wave_call(call));
    const FuncType& function = corpus.function(parsed.function);
    std::vector<Value> values =
        TRY(parse_wave_arguments(corpus.types().types, function, parsed, call));
    return parsed.function + "(" + function.params[0].name + ": " + *to_wave(values[0]) + ")";
  };
  for (const char* name :
       {"accept-strings", "accept-records", "accept-enums", "accept-chars", "accept-comments"}) {
    std::string printed;
    for (const std::string& call : calls_of(corpus.read(std::string(name) + ".waves"))) {
      auto result = run(call);
      printed += (result ? *result : result.error().to_string()) + "\n";
    }
    std::string expected;
    std::string rest = corpus.read(std::string(name) + ".out");
    for (size_t end; !rest.empty(); rest.erase(0, end)) {
      end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      if (!rest.starts_with("//")) expected += rest.substr(0, end);
    }
    CHECK(printed == expected);
  }
  for (const char* name : {"reject-records", "reject-lists", "reject-enums"}) {
    for (const std::string& call : calls_of(corpus.read(std::string(name) + ".waves"))) {
      INFO(call);
      CHECK(!run(call));
    }
  }
}

}  // namespace
}  // namespace tenon::component
