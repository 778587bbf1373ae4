//! Every event file is tried on its function: what stands in `events/` works as it stands, and is answered as recorded.

use std::path::{Path, PathBuf};

use aws_lambda_events::{
    apigw::{ApiGatewayCustomAuthorizerRequestTypeRequest, ApiGatewayV2httpRequest, ApiGatewayWebsocketProxyRequest},
    cognito::{
        CognitoEventUserPoolsCustomMessage, CognitoEventUserPoolsPostConfirmation, CognitoEventUserPoolsPreSignup,
        CognitoEventUserPoolsPreTokenGenV2,
    },
    eventbridge::EventBridgeEvent,
    s3::S3Event,
};
use domain::time::Time;
use local::recorded;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn event_files() -> Vec<PathBuf> {
    local::event_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")).expect("events/ is there")
}

fn name_of(file: &Path) -> String {
    let context = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    format!("{context}/{}", file.file_stem().and_then(|name| name.to_str()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_file_is_answered_as_recorded_and_takes_as_much() {
    let outcomes = local::check_files(event_files()).await;
    let wrong: Vec<String> = outcomes
        .iter()
        .filter(|(_, found)| !found.is_empty())
        .map(|(file, found)| format!("{}:\n  {}", name_of(file), found.join("\n  ")))
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\n\nIf that is meant: `make generate` records the replies anew; look at the difference.",
        wrong.join("\n")
    );
}

#[test]
fn every_recorded_reply_is_a_success_within_the_budget_of_its_route() {
    let services = local::services();
    for file in event_files() {
        let recorded = recorded::read(&file).expect("each event has a recorded reply");
        let status = recorded["reply"]["statusCode"].as_u64();
        assert!(status.is_none_or(|status| (200..400).contains(&status)), "{} is {status:?}", name_of(&file));
        let row = services.iter().flat_map(|service| service.rows()).find(|row| recorded["function"] == row.name);
        let budget = row.expect("a reply names its function").whole_budget();
        let took = |name: &str| recorded["took"][name].as_f64().expect("what it took is a number");
        let within = took("roundTrips") <= f64::from(budget.round_trips)
            && took("readUnits") <= budget.read
            && took("writeUnits") <= budget.write;
        assert!(within, "{} took {} of {budget:?}", name_of(&file), recorded["took"]);
    }
}

#[test]
fn every_function_has_an_event_file() {
    let there: Vec<String> = event_files().iter().filter_map(|file| local::function_of(file)).collect();
    assert_eq!(there.len(), event_files().len(), "a file is of no function");
    for row in local::services().iter().flat_map(|service| service.rows()) {
        assert!(there.iter().any(|name| name == row.name), "{} has no event file", row.name);
    }
}

#[test]
fn every_event_is_what_its_type_says_and_loses_nothing_by_it() {
    let mut wrong = vec![];
    for file in event_files() {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let event: Value = serde_json::from_str(&text).expect("an event is JSON");
        match typed(&event) {
            Ok(typed) => lost("", &event, &typed, &mut |what| wrong.push(format!("{}: {what}", name_of(&file)))),
            Err(said) => wrong.push(format!("{}: {said}", name_of(&file))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The event, read into the type that is written for such events and out of it again.
fn typed(event: &Value) -> Result<Value, String> {
    fn through<T: DeserializeOwned + Serialize>(event: &Value) -> Result<Value, String> {
        let typed: T = serde_json::from_value(event.clone()).map_err(|error| error.to_string())?;
        serde_json::to_value(&typed).map_err(|error| error.to_string())
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if event["version"] == "2.0" {
        return through::<ApiGatewayV2httpRequest>(event);
    }
    if event["type"] == "REQUEST" {
        // No one type is written for it: what an authorizer is asked, about a request of the WebSocket API.
        let (asked, about) = (
            through::<ApiGatewayCustomAuthorizerRequestTypeRequest>(event)?,
            through::<ApiGatewayWebsocketProxyRequest>(event)?,
        );
        let mut both = about;
        for name in ["type", "methodArn"] {
            both[name] = asked[name].clone();
        }
        return Ok(both);
    }
    if event["requestContext"]["eventType"].is_string() {
        return through::<ApiGatewayWebsocketProxyRequest>(event);
    }
    if event["detail-type"].is_string() {
        return through::<EventBridgeEvent>(event);
    }
    match text(&event["Records"][0]["eventSource"]).as_str() {
        "aws:s3" => return through::<S3Event>(event),
        "aws:dynamodb" => return through::<aws_lambda_events::dynamodb::Event>(event),
        _ => {}
    }
    if event["time"].is_string() && event["triggerSource"].is_null() {
        // What one function hands over to another is a type of the project's own.
        return Ok(event.clone());
    }
    match text(&event["triggerSource"]).split('_').next().unwrap_or_default() {
        "PreSignUp" => through::<CognitoEventUserPoolsPreSignup>(event),
        "CustomMessage" => through::<CognitoEventUserPoolsCustomMessage>(event),
        "PostConfirmation" => through::<CognitoEventUserPoolsPostConfirmation>(event),
        "TokenGeneration" => through::<CognitoEventUserPoolsPreTokenGenV2>(event),
        _ => Err("no type is known for it".to_owned()),
    }
}

/// What Cognito sends and the type (of `aws_lambda_events` 1.2) has no field for.
const WITHOUT_A_FIELD: [&str; 1] = ["/request/linkParameter"];

/// Tells of everything that was there before and is not after. Null and nothing are alike.
fn lost(at: &str, before: &Value, after: &Value, tell: &mut impl FnMut(String)) {
    let time = |value: &Value| value.as_str().and_then(|text| Time::parse(text).ok());
    match (before, after) {
        (Value::Null, _) => {}
        _ if WITHOUT_A_FIELD.contains(&at) => {}
        (Value::Object(members), _) => {
            for (name, member) in members {
                // Names of headers are the same in any case, and types spell them in small letters.
                let kept = after.get(name).or_else(|| after.get(name.to_ascii_lowercase())).unwrap_or(&Value::Null);
                lost(&format!("{at}/{name}"), member, kept, tell);
            }
        }
        (Value::Array(all), Value::Array(_)) => {
            for (index, one) in all.iter().enumerate() {
                lost(&format!("{at}/{index}"), one, &after[index], tell);
            }
        }
        (Value::Array(all), _) if all.is_empty() => {}
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        _ if before == after => {}
        _ if time(before).is_some() && time(before) == time(after) => {}
        _ => tell(format!("{at} is {before} and becomes {after}")),
    }
}
