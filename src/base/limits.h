#pragma once

#include <cstddef>
#include <cstdint>

// Every size that an input or a guest controls meets one of these before memory is allocated for
// it. The core limits are those of the JavaScript API, so that what browsers accept is accepted
// here.
namespace tenon::limits {

// Core modules.
constexpr uint64_t max_module_bytes = uint64_t{1} << 30;
constexpr uint32_t max_types = 1'000'000;
constexpr uint32_t max_functions = 1'000'000;
constexpr uint32_t max_imports = 1'000'000;
constexpr uint32_t max_exports = 1'000'000;
constexpr uint32_t max_globals = 1'000'000;
constexpr uint32_t max_tags = 1'000'000;
constexpr uint32_t max_segments = 100'000;
constexpr uint32_t max_tables = 100;
constexpr uint32_t max_memories = 100;
constexpr uint32_t max_function_bytes = 7'654'321;
constexpr uint32_t max_locals = 50'000;
constexpr uint32_t max_params = 1'000;
constexpr uint32_t max_results = 1'000;
constexpr uint32_t max_struct_fields = 10'000;
constexpr uint32_t max_array_new_fixed = 10'000;  // operands of one array.new_fixed
constexpr uint32_t max_catches = 10'000;          // of one try_table
constexpr uint32_t max_subtype_depth = 63;
constexpr uint32_t max_name_bytes = 100'000;
constexpr uint32_t max_br_table_targets = 65'520;
constexpr uint32_t max_table_elements = 10'000'000;
constexpr uint32_t max_control_depth = 50'000;

// Components.
constexpr uint32_t max_component_depth = 100;
constexpr uint32_t max_type_depth = 100;
constexpr uint32_t max_component_items = 1'000;  // modules, components, instances, each
constexpr uint32_t max_component_types = 1'000'000;
constexpr uint32_t max_component_functions = 1'000'000;
constexpr uint32_t max_record_fields = 10'000;
constexpr uint32_t max_variant_cases = 10'000;
constexpr uint32_t max_flags = 1'000;
constexpr uint32_t max_type_size = 1'000'000;
constexpr uint32_t max_instantiation_args = 100'000;
constexpr uint32_t max_canonical_options = 10;
constexpr uint32_t max_component_definitions =
    2'000'000;  // of a component and all those nested in it
constexpr uint64_t max_component_type_bytes = 512u
                                              << 20;  // all types of a component, with their names
constexpr uint32_t max_plan_steps = 2'000'000;  // definitions met while instances are flattened
constexpr uint64_t max_component_value_bytes =
    16u << 20;  // what the values that components define take, read
constexpr uint32_t max_adapter_nodes = 100'000;  // values that one adapter moves, types written out
constexpr uint32_t max_plan_instances = 10'000;  // component and core instances of one plan

// A running store.
constexpr uint64_t max_string_bytes = (uint64_t{1} << 28) - 1;  // canon: MAX_STRING_BYTE_LENGTH
constexpr uint64_t max_list_bytes = (uint64_t{1} << 28) - 1;    // canon: MAX_LIST_BYTE_LENGTH
constexpr uint32_t max_handles = (uint32_t{1} << 28) - 1;       // canon: Table.MAX_LENGTH
constexpr uint64_t max_store_table_bytes = 256u << 20;          // of tables of handles, threads
constexpr uint32_t max_store_instances = 10'000;
constexpr uint32_t max_store_memories = 10'000;
constexpr uint32_t max_store_tables = 10'000;
constexpr uint32_t max_async_objects = 1'000'000;     // tasks, threads, streams, ... of one store
constexpr uint32_t max_store_fibers = 1'000;          // stacks in use, beside the main one
constexpr uint64_t max_host_call_bytes = 128u << 20;  // copied out of a guest by one call
constexpr uint64_t max_random_bytes = 64u << 20;      // one call
constexpr uint32_t max_resources = 1'000'000;         // WASI resources of one store

}  // namespace tenon::limits
