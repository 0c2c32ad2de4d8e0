// SCIR, the intermediate representation of a Core: what the compiler writes, a grid runs and the test runner
// interprets (contract scaiflow-model.md 6.1). A module is a JSON tree; the bundle is the same tree as
// MessagePack behind a magic (codec.hpp). Key order is as below and fixed. "?" marks a key that may be absent
// (never null-filled).
//
// Module  {schema_version "0.1", name (slug), version (semver), identity {provider, persona, mode},
//          models [{role, ref, model, temperature?, modalities, system_context?, fallback?}],
//          plugins [{alias, endpoint, version?}], capabilities? (verbatim), scaiqueue? (verbatim),
//          types [], triggers [Trigger], flows [Flow],
//          metadata {producer "scaiflow", source_id, source_version, runtime_version, publish_as_model, ...}}
// Trigger {kind "api"|"webhook"|"schedule", name, target_flow, node_id,
//          method?, path?, auth?, cron?, timezone?}
// Flow    {name, variables [{name, type, default?}], body [Block]}; one flow a module; with several triggers
//          the body starts with a match on trigger.name
//
// Block   {kind, node_id, ... , result_binding?}; what the compiler adds without a node of its own has the
//          node_id of the node it serves and "synthetic": true
//   rigid      {statements [Statement]}; its value is that of the last statement
//   flexible   {goal, output_type {field: type}, llm_role, input_bindings, context_bindings, guidance?,
//               constraints?, identity_ref, examples, on_failure, budget}
//   guarded    {goal, output_type, llm_role, guard?, validate?, input_bindings, context_bindings, guidance?,
//               constraints?, on_validation_failure}
//   match      {subject?, arms [{when, edge_id?, body [Block]}], otherwise [Block]}; the first arm whose
//               `when` is truthy runs; its value is that of the arm. A subject is for readers: `subject` in
//               the arms
//   foreach    {collection, item, body [Block]}; value: list of the values of the rounds
//   while      {condition, max_iterations, body [Block]}; value: that of the last round. A condition that
//               still holds after max_iterations rounds fails the block
//   parallel   {branches [{name, body [Block]}], max_concurrent?, fail_fast}; value: {branch name: value}.
//               A branch that fails makes the block fail: with fail_fast at once, else after the others ran
//   checkpoint {checkpoint_type, prompt?, options?, timeout?, on_timeout,
//               hitl_target? {scope, queue, hitl_spec}, assignee?, priority?, escalation_target?,
//               reminder_interval_m?}
//   core_call  {target, flow_name?, input_bindings, instance_key?, version?, timeout, is_async}
// Statement {kind "expression", expression} | {kind "plugin_call", plugin, method, args, timeout_s?}
//         | {kind "assign", name, value}
//         | {kind "emit", event (name), payload? (template)}: an event of the author; value: the payload
//
// The value of a body, and the output of the flow, is that of the last block in it that ran; synthetic blocks
// do not count, and a match counts as what ran inside it.
//
// on_failure, on_validation_failure come after the tries of {retry n} or budget.max_retries: null or "fail"
// fails the flow, "continue" takes the answer as it is, {value template} gives another one, {body [Block]}
// runs blocks and takes their value; template and blocks see the refused answer as `result`. on_timeout of a
// checkpoint: "fail", "continue" (the answer is null) or a text that becomes the answer ("escalate", an
// option id).
//
// Expressions (expression.hpp, dialect scaicore) are text: guard, validate, when, condition, collection,
// value, expression, subject. Templates are JSON values whose texts may hold ${expression}: goal, prompt,
// guidance, constraints, system_context, args, *_bindings, instance_key, hitl_spec. A text that is
// exactly one ${...} gives the value itself, not its text; "\${" is a literal "${".
//
// Names in an expression resolve in the order: locals (item of a loop; result in validate), `input` and
// `trigger`, variables, result bindings, then fields of input. A name that the flow declares, assigns or
// binds is never a field of input, not even before it has a value: otherwise whoever calls the flow could
// answer its reviews. Such a field is read as `input.name`. Names that start with an underscore are the
// compiler's flags, never fields. An unknown name is null. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scai::scir {

inline constexpr std::string_view schema_version = "0.1";

/// One complaint of the verifier; `path` like "flows[0].body[2].arms[0].when".
struct Finding {
    std::string path, node_id, message;
};

/// Shape, unique bindings, known roles, plugins and targets, parsable expressions, bounded loops, nesting up
/// to 200, no LLM or checkpoint inside rigid. Empty: the module can run. Foreign extra keys are allowed.
std::vector<Finding> verify(const json::Value& module);

} // namespace scai::scir
