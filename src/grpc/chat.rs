//! A typed chat as the body that OpenAI's `POST /v1/chat/completions` takes.

use super::{
    fault::Fault,
    json::{self, Object},
    proto::{
        self, chat_message::Body, content_part::Part, tool::Tool as AnyTool, tool_choice::Choice,
    },
};
use prost_types::Struct;

/// Parameters that have a field of their own, which must not come in by `extra` as well.
const TYPED: [&str; 21] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "response_format",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "seed",
    "n",
    "presence_penalty",
    "frequency_penalty",
    "parallel_tool_calls",
    "reasoning_effort",
    "logprobs",
    "top_logprobs",
    "user",
];

/// Who may speak.
const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];

/// Writes the body.
///
/// # Errors
///
/// When a field is not as the contract says; the fault names it. What only the upstream can judge is left to it.
pub(super) fn body(request: &proto::ProxyCompletionRequest) -> Result<String, Fault> {
    if request.model.is_empty() {
        return Err(Fault::invalid("model", "model is required"));
    }
    if request.messages.is_empty() {
        return Err(Fault::invalid("messages", "messages must hold at least one message"));
    }
    let messages = list(&request.messages, "messages", message)?;
    let tools = list(&request.tools, "tools", tool)?;

    let mut body = Object::new();
    body.string("model", &request.model)
        .given_array("messages", &messages)
        .given_array("tools", &tools);
    if let Some(choice) = &request.tool_choice {
        body.given("tool_choice", tool_choice(choice)?);
    }
    if let Some(format) = &request.response_format {
        body.given("response_format", response_format(format)?);
    }
    sampling(&mut body, request)?;
    if request.stream {
        body.raw("stream", "true");
        if request.include_usage.unwrap_or(true) {
            body.raw("stream_options", r#"{"include_usage":true}"#);
        }
    }
    if let Some(extra) = &request.extra {
        add_extra(&mut body, extra)?;
    }
    Ok(body.finish())
}

fn sampling(body: &mut Object, request: &proto::ProxyCompletionRequest) -> Result<(), Fault> {
    let stop: Vec<String> = request.stop.iter().map(|text| json::quoted(text)).collect();
    body.given_number("temperature", request.temperature)?
        .given_number("top_p", request.top_p)?
        .given("max_tokens", request.max_tokens)
        .given("max_completion_tokens", request.max_completion_tokens)
        .given_array("stop", &stop)
        .given("seed", request.seed)
        .given("n", request.n)
        .given_number("presence_penalty", request.presence_penalty)?
        .given_number("frequency_penalty", request.frequency_penalty)?
        .given("parallel_tool_calls", request.parallel_tool_calls)
        .given_string("reasoning_effort", &request.reasoning_effort)
        .given("logprobs", request.logprobs)
        .given("top_logprobs", request.top_logprobs)
        .given_string("user", &request.user);
    Ok(())
}

fn add_extra(body: &mut Object, extra: &Struct) -> Result<(), Fault> {
    for (key, value) in &extra.fields {
        if TYPED.contains(&key.as_str()) {
            let message = format!("extra.{key} has a field of its own in the request; use that");
            return Err(Fault::invalid(format!("extra.{key}"), message));
        }
        body.raw(key, &json::of_value(value, "extra")?);
    }
    Ok(())
}

/// Translates each item, telling it where it stands.
fn list<T>(
    items: &[T],
    field: &str,
    translate: impl Fn(&T, &str) -> Result<String, Fault>,
) -> Result<Vec<String>, Fault> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| translate(item, &format!("{field}[{index}]")))
        .collect()
}

fn missing(field: String, what: &str) -> Fault {
    let message = format!("{field} is required: {what}");
    Fault::invalid(field, message)
}

fn message(message: &proto::ChatMessage, at: &str) -> Result<String, Fault> {
    let mut object = Object::new();
    object.string("role", role(&message.role, at)?);
    object.raw("content", &content(message, at)?);
    object.given_string("refusal", &message.refusal).given_string("name", &message.name);
    let calls = list(&message.tool_calls, &format!("{at}.tool_calls"), tool_call)?;
    object.given_array("tool_calls", &calls).given_string("tool_call_id", &message.tool_call_id);
    Ok(object.finish())
}

fn role<'r>(role: &'r str, at: &str) -> Result<&'r str, Fault> {
    if ROLES.contains(&role) {
        return Ok(role);
    }
    let field = format!("{at}.role");
    let message = format!("{field} must be one of {}", ROLES.join(", "));
    Err(Fault::invalid(field, message))
}

/// Only an assistant may say nothing: it calls tools or refuses instead.
fn content(message: &proto::ChatMessage, at: &str) -> Result<String, Fault> {
    match &message.body {
        Some(Body::Content(text)) => Ok(json::quoted(text)),
        Some(Body::Parts(parts)) if parts.parts.is_empty() => {
            Err(missing(format!("{at}.parts"), "at least one part"))
        }
        Some(Body::Parts(parts)) => {
            Ok(json::array(&list(&parts.parts, &format!("{at}.parts.parts"), part)?))
        }
        None if message.role == "assistant" => Ok("null".to_owned()),
        None => Err(missing(format!("{at}.content"), "content or parts")),
    }
}

fn part(part: &proto::ContentPart, at: &str) -> Result<String, Fault> {
    let mut object = Object::new();
    match &part.part {
        Some(Part::Text(text)) => object.string("type", "text").string("text", text),
        Some(Part::Refusal(text)) => object.string("type", "refusal").string("refusal", text),
        Some(Part::ImageUrl(image)) => {
            object.string("type", "image_url").raw("image_url", &image_url(image, at)?)
        }
        Some(Part::Other(structure)) => return json::of_struct(structure, at),
        None => return Err(missing(format!("{at}.part"), "text, image_url, refusal or other")),
    };
    Ok(object.finish())
}

fn image_url(image: &proto::ImageUrl, at: &str) -> Result<String, Fault> {
    if image.url.is_empty() {
        return Err(missing(format!("{at}.image_url.url"), "an https: or data: URL"));
    }
    let mut object = Object::new();
    object.string("url", &image.url).given_string("detail", &image.detail);
    Ok(object.finish())
}

fn tool_call(call: &proto::ToolCall, at: &str) -> Result<String, Fault> {
    use proto::tool_call::Call;
    let (kind, name, carrier, text) = match &call.call {
        Some(Call::Function(call)) => ("function", &call.name, "arguments", &call.arguments),
        Some(Call::Custom(call)) => ("custom", &call.name, "input", &call.input),
        None => return Err(missing(format!("{at}.call"), "function or custom")),
    };
    let mut called = Object::new();
    called.string("name", name).string(carrier, text);
    let mut object = Object::new();
    object.string("id", &call.id).string("type", kind).raw(kind, &called.finish());
    Ok(object.finish())
}

fn tool(tool: &proto::Tool, at: &str) -> Result<String, Fault> {
    match &tool.tool {
        Some(AnyTool::Function(function)) => {
            let mut object = Object::new();
            object
                .string("type", "function")
                .raw("function", &function_tool(function, &format!("{at}.function"))?);
            Ok(object.finish())
        }
        Some(AnyTool::Other(structure)) => json::of_struct(structure, &format!("{at}.other")),
        None => Err(missing(format!("{at}.tool"), "function or other")),
    }
}

fn function_tool(function: &proto::FunctionTool, at: &str) -> Result<String, Fault> {
    use proto::function_tool::Schema;
    let mut object = Object::new();
    object
        .string("name", named(&function.name, at)?)
        .given_string("description", &function.description);
    match &function.schema {
        Some(Schema::Parameters(schema)) => {
            object.raw("parameters", &json::of_struct(schema, &format!("{at}.parameters"))?);
        }
        Some(Schema::ParametersJson(text)) => {
            object.raw("parameters", json::object_text(text, &format!("{at}.parameters_json"))?);
        }
        None => {}
    }
    object.given("strict", function.strict);
    Ok(object.finish())
}

fn named<'n>(name: &'n str, at: &str) -> Result<&'n str, Fault> {
    if name.is_empty() { Err(missing(format!("{at}.name"), "a name")) } else { Ok(name) }
}

fn tool_choice(choice: &proto::ToolChoice) -> Result<Option<String>, Fault> {
    use proto::ToolChoiceMode as Mode;
    Ok(match &choice.choice {
        None => None,
        Some(Choice::Mode(mode)) => match Mode::try_from(*mode) {
            Ok(Mode::Unspecified) => None,
            Ok(Mode::None) => Some(json::quoted("none")),
            Ok(Mode::Auto) => Some(json::quoted("auto")),
            Ok(Mode::Required) => Some(json::quoted("required")),
            Err(_) => {
                let message = format!("tool_choice.mode has no value {mode}; see ToolChoiceMode");
                return Err(Fault::invalid("tool_choice.mode", message));
            }
        },
        Some(Choice::Function(name)) => {
            let mut function = Object::new();
            function.string("name", name);
            let mut object = Object::new();
            object.string("type", "function").raw("function", &function.finish());
            Some(object.finish())
        }
        Some(Choice::Other(structure)) => Some(json::of_struct(structure, "tool_choice.other")?),
    })
}

fn response_format(format: &proto::ResponseFormat) -> Result<Option<String>, Fault> {
    use proto::ResponseFormatType as Type;
    let kind = match Type::try_from(format.r#type) {
        Ok(Type::Unspecified) if format.json_schema.is_none() => return Ok(None),
        Ok(Type::Text) if format.json_schema.is_none() => "text",
        Ok(Type::JsonObject) if format.json_schema.is_none() => "json_object",
        Ok(Type::JsonSchema) => "json_schema",
        Ok(Type::Unspecified | Type::Text | Type::JsonObject) => {
            let message =
                "response_format.json_schema is only for the type RESPONSE_FORMAT_TYPE_JSON_SCHEMA";
            return Err(Fault::invalid("response_format.json_schema", message));
        }
        Err(_) => {
            let message = format!(
                "response_format.type has no value {}; see ResponseFormatType",
                format.r#type
            );
            return Err(Fault::invalid("response_format.type", message));
        }
    };
    let mut object = Object::new();
    object.string("type", kind);
    match &format.json_schema {
        Some(schema) => {
            object.raw("json_schema", &json_schema(schema)?);
        }
        None if kind == "json_schema" => {
            return Err(missing(
                "response_format.json_schema".to_owned(),
                "the schema of the answer",
            ));
        }
        None => {}
    }
    Ok(Some(object.finish()))
}

fn json_schema(schema: &proto::JsonSchema) -> Result<String, Fault> {
    use proto::json_schema::Definition;
    const AT: &str = "response_format.json_schema";
    let mut object = Object::new();
    object
        .string("name", named(&schema.name, AT)?)
        .given_string("description", &schema.description);
    match &schema.definition {
        Some(Definition::Schema(schema)) => {
            object.raw("schema", &json::of_struct(schema, &format!("{AT}.schema"))?);
        }
        Some(Definition::SchemaJson(text)) => {
            object.raw("schema", json::object_text(text, &format!("{AT}.schema_json"))?);
        }
        None => {}
    }
    object.given("strict", schema.strict);
    Ok(object.finish())
}
