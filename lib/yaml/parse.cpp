// SPDX-License-Identifier: Apache-2.0
#include "lib/yaml/scalars.hpp"
#include "lib/yaml/yaml.hpp"

#include "lib/base/strings.hpp"

#include <cstring>
#include <limits>
#include <optional>
#include <vector>
#include <yaml.h>

namespace scai::yaml {

namespace {

constexpr std::size_t max_nesting = 200;

Error refuse(const char* what, yaml_mark_t at) {
    return Error{.kind = ErrorKind::bad_request,
                 .code = {},
                 .message = "the text is not usable YAML (line " + std::to_string(at.line + 1) + ", column " +
                            std::to_string(at.column + 1) + "): " + what,
                 .fix = {},
                 .fields = {},
                 .extra = {},
                 .retry_after_seconds = {}};
}

class Parser {
public:
    explicit Parser(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0)
            throw std::bad_alloc();
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    ~Parser() { yaml_parser_delete(&parser_); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    bool next(yaml_event_t& event) { return yaml_parser_parse(&parser_, &event) != 0; }
    /// libyaml's problems are fixed phrases: none of them repeats the input.
    Error error() const {
        if (parser_.error == YAML_MEMORY_ERROR)
            throw std::bad_alloc();
        if (parser_.error == YAML_READER_ERROR)
            return refuse("bytes that are not UTF-8, or control characters", parser_.mark);
        return refuse(parser_.problem != nullptr ? parser_.problem : "syntax error", parser_.problem_mark);
    }

private:
    yaml_parser_t parser_{};
};

class Event {
public:
    Event() = default;
    ~Event() { clear(); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    void clear() {
        if (filled_)
            yaml_event_delete(&event_);
        filled_ = false;
    }
    bool read(Parser& parser) {
        clear();
        filled_ = parser.next(event_);
        return filled_;
    }
    const yaml_event_t& operator*() const { return event_; }
    const yaml_event_t* operator->() const { return &event_; }

private:
    yaml_event_t event_{};
    bool filled_ = false;
};

/// An open list or map.
struct Frame {
    json::Value value;
    std::optional<std::string> key; ///< of the map member whose value comes next
    bool is_map;
};

class Builder {
public:
    Result<json::Value> build(std::string_view text);

private:
    std::optional<Error> take(const yaml_event_t& event);
    std::optional<Error> take_scalar(const yaml_event_t& event);
    std::optional<Error> open(const yaml_event_t& event, bool is_map);
    void add(json::Value value);

    std::vector<Frame> frames_;
    std::optional<json::Value> root_;
    std::size_t documents_ = 0;
};

void Builder::add(json::Value value) {
    if (frames_.empty()) {
        root_ = std::move(value);
        return;
    }
    Frame& frame = frames_.back();
    if (!frame.is_map) {
        frame.value.push(std::move(value));
        return;
    }
    frame.value.set(*frame.key, std::move(value));
    frame.key.reset();
}

std::optional<Error> Builder::take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    // "!" alone says "this is text" and comes with quoted scalars of some writers; it is a tag all the same.
    if (scalar.tag != nullptr)
        return refuse("tags are not supported", event.start_mark);
    if (scalar.anchor != nullptr)
        return refuse("anchors and aliases are not supported", event.start_mark);
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (text.find('\0') != std::string_view::npos)
        return refuse("a text holds a NUL", event.start_mark);
    if (!valid_utf8(text))
        return refuse("a text holds bytes that are not UTF-8", event.start_mark);
    if (!frames_.empty() && frames_.back().is_map && !frames_.back().key) {
        if (frames_.back().value.get(text).present())
            return refuse("a key comes twice in one map", event.start_mark);
        frames_.back().key = std::string(text);
        return std::nullopt;
    }
    if (scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        add(json::Value(text));
        return std::nullopt;
    }
    const Plain plain = resolve(text);
    if (plain.problem != nullptr)
        return refuse(plain.problem, event.start_mark);
    add(plain.value);
    return std::nullopt;
}

std::optional<Error> Builder::open(const yaml_event_t& event, bool is_map) {
    const bool anchored =
        is_map ? event.data.mapping_start.anchor != nullptr : event.data.sequence_start.anchor != nullptr;
    const bool tagged =
        is_map ? event.data.mapping_start.tag != nullptr : event.data.sequence_start.tag != nullptr;
    if (anchored)
        return refuse("anchors and aliases are not supported", event.start_mark);
    if (tagged)
        return refuse("tags are not supported", event.start_mark);
    if (!frames_.empty() && frames_.back().is_map && !frames_.back().key)
        return refuse("a key is no scalar", event.start_mark);
    if (frames_.size() >= max_nesting)
        return refuse("nested too deeply", event.start_mark);
    frames_.push_back({is_map ? json::Value::object() : json::Value::array(), std::nullopt, is_map});
    return std::nullopt;
}

std::optional<Error> Builder::take(const yaml_event_t& event) {
    switch (event.type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++documents_ > 1)
            return refuse("a second document", event.start_mark);
        return std::nullopt;
    case YAML_ALIAS_EVENT:
        return refuse("anchors and aliases are not supported", event.start_mark);
    case YAML_SCALAR_EVENT:
        return take_scalar(event);
    case YAML_SEQUENCE_START_EVENT:
        return open(event, false);
    case YAML_MAPPING_START_EVENT:
        return open(event, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: {
        json::Value value = std::move(frames_.back().value);
        frames_.pop_back();
        add(std::move(value));
        return std::nullopt;
    }
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return std::nullopt;
    }
    return std::nullopt;
}

Result<json::Value> Builder::build(std::string_view text) {
    Parser parser(text);
    Event event;
    for (;;) {
        if (!event.read(parser))
            return parser.error();
        if (auto error = take(*event))
            return *error;
        if (event->type == YAML_STREAM_END_EVENT)
            break;
    }
    if (!root_)
        return refuse("there is no document", yaml_mark_t{});
    return *root_;
}

} // namespace

Result<json::Value> parse(std::string_view text) {
    return Builder().build(text);
}

} // namespace scai::yaml
