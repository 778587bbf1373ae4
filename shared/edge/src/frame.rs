//! A frame: what somebody sent over a connection of the WebSocket API; and the frame they are answered with.

use std::time::{Duration, Instant};

use aws_lambda_events::apigw::{ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext};
use deserr::Deserr;
use domain::{
    id::{AccountId, ConnectionId},
    input::{Invalid, Wrong},
    lang::Lang,
    region::Region,
    time::Time,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::Table;

use crate::{
    call::Caller,
    dispatch::Invocation,
    env::Env,
    problem::{Code, Fault, Problem},
    row::{Row, Trigger},
    settings::Setting,
};

/// A connection, as every event of the WebSocket API tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// What API Gateway calls it.
    pub id: ConnectionId,
    /// When it was opened.
    pub since: Time,
    /// Whose it is, by the token it was opened with.
    pub caller: Caller,
    /// Until when that token is good.
    pub expires: Time,
    /// What its person reads best.
    pub lang: Lang,
}

impl Connected {
    /// What the authorizer has API Gateway say with every event of the connection: all of it texts.
    #[must_use]
    pub fn context(caller: &Caller, expires: Time, lang: Lang) -> Map<String, Value> {
        let mut context = Map::new();
        let mut say = |name: &str, value: &str| context.insert(name.to_owned(), value.into());
        say("sub", caller.id.as_str());
        say("username", &caller.username);
        say("groups", &caller.groups.join(" "));
        say("region", caller.region.map(Region::id).unwrap_or_default());
        say("tier", &caller.tier);
        say("expires", &expires.seconds().to_string());
        say("lang", lang.tag());
        context
    }

    /// The connection in a `requestContext`.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] when no authorizer vouches for anybody; a fault of ours for a connection without a name.
    pub(crate) fn of(context: &ApiGatewayWebsocketProxyRequestContext) -> Result<Self, Fault> {
        let id = connection_id(context).ok_or_else(|| Fault::internal("an event of no connection"))?;
        let said = |name: &str| context.authorizer.fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let account = AccountId::parse(said("sub")).map_err(|_| Code::NotSignedIn)?;
        // Without a date the token counts as expired.
        let expires = said("expires").parse::<i64>().unwrap_or_default();
        let caller = Caller {
            username: said("username").to_owned(),
            groups: said("groups").split_whitespace().map(str::to_owned).collect(),
            region: Region::parse(said("region")),
            tier: said("tier").to_owned(),
            // Nobody who is suspended opens a connection.
            suspended: None,
            id: account,
        };
        Ok(Self {
            id,
            since: Time::from_ms(context.connected_at),
            caller,
            expires: Time::from_ms(expires.saturating_mul(1000)),
            lang: Lang::accepted(said("lang")),
        })
    }
}

fn connection_id(context: &ApiGatewayWebsocketProxyRequestContext) -> Option<ConnectionId> {
    ConnectionId::parse(context.connection_id.as_deref().unwrap_or_default()).ok()
}

/// A frame of somebody who is connected.
pub struct Frame<'a> {
    /// The function's surroundings.
    pub env: &'a Env,
    /// The route.
    pub row: &'static Row,
    /// When API Gateway received the frame: the time of everything it does.
    pub now: Time,
    /// What the caller reads best.
    pub lang: Lang,
    /// The request's identifier, in every problem and log line.
    pub request_id: String,
    /// Where the answer goes.
    pub(crate) to: ConnectionId,
    connection: Option<Connected>,
    /// The frame's object without `action` and `ref`; nothing where it is no JSON object.
    fields: Option<Map<String, Value>>,
    action: Option<Value>,
    reference: Option<String>,
    bad_reference: Invalid,
    started: Instant,
    time_limit: Duration,
}

impl<'a> Frame<'a> {
    /// Most characters of a `ref`.
    pub const MAX_REF: usize = 64;

    /// The frame in an event of the WebSocket API.
    ///
    /// # Errors
    /// A sentence for the log: it is no such event, and there is nobody to be told.
    pub(crate) fn read(
        env: &'a Env,
        row: &'static Row,
        event: &str,
        invocation: &Invocation,
        started: Instant,
    ) -> Result<Self, String> {
        let event: ApiGatewayWebsocketProxyRequest =
            serde_json::from_str(event).map_err(|error| format!("not an event of a WebSocket API: {error}"))?;
        let context = &event.request_context;
        let to = connection_id(context).ok_or("a frame of no connection")?;
        let connection = Connected::of(context).ok();
        let now = match context.request_time_epoch {
            ms if ms > 0 => Time::from_ms(ms),
            _ => invocation.now,
        };
        let read = serde_json::from_str::<Value>(event.body.as_deref().unwrap_or_default());
        let mut fields = match read {
            Ok(Value::Object(fields)) => Some(fields),
            _ => None,
        };
        let mut take = |name: &str| fields.as_mut().and_then(|fields| fields.remove(name));
        let action = take("action");
        let mut bad_reference = Invalid::default();
        let reference = match take("ref") {
            None => None,
            Some(Value::String(reference)) if reference.chars().count() <= Self::MAX_REF => Some(reference),
            Some(Value::String(_)) => {
                bad_reference.add("/ref", Wrong::TooLong(Self::MAX_REF));
                None
            }
            Some(_) => {
                bad_reference.add("/ref", Wrong::WrongType("string".into()));
                None
            }
        };
        Ok(Self {
            env,
            row,
            now,
            lang: connection.as_ref().map_or(Lang::Ko, |connection| connection.lang),
            request_id: invocation.request_id.clone(),
            to,
            connection,
            fields,
            action,
            reference,
            bad_reference,
            started,
            time_limit: invocation.time_limit,
        })
    }

    /// What holds for every frame: it comes from somebody whose token is still good, and is an object; where the row
    /// takes nothing, it holds nothing.
    pub(crate) fn admitted(&self) -> Result<(), Fault> {
        let connection = self.connection()?;
        if connection.expires <= self.now {
            return Err(Code::TokenExpired.into());
        }
        if let Err(seconds) = self.env.throttle.admit(&self.to, self.now) {
            return Err(Problem::too_many(seconds).into());
        }
        if self.fields.is_none() {
            return Err(Code::MalformedFrame.into());
        }
        // What is no action of anybody's is not read at all.
        if self.row.body.is_none() && self.row.trigger != Trigger::Socket("$default") {
            self.body::<Nothing>()?;
        }
        Ok(())
    }

    /// The connection it came by.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub fn connection(&self) -> Result<&Connected, Fault> {
        self.connection.as_ref().ok_or_else(|| Code::NotSignedIn.into())
    }

    /// Who sent it.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub fn caller(&self) -> Result<&Caller, Fault> {
        self.connection().map(|connection| &connection.caller)
    }

    /// Who sent it, for the log.
    pub(crate) fn sender(&self) -> Option<&str> {
        self.connection.as_ref().map(|connection| connection.caller.id.as_str())
    }

    /// Its `action`, whatever was sent there.
    #[must_use]
    pub fn action(&self) -> Option<&Value> {
        self.action.as_ref()
    }

    /// Its `ref`, which the answer carries too.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// What it holds besides `action` and `ref`, read strictly: no unknown fields, every bad field at once.
    ///
    /// # Errors
    /// 400, 422.
    pub fn body<T: Deserr<Invalid>>(&self) -> Result<T, Fault> {
        let fields = self.fields.clone().ok_or(Code::MalformedFrame)?;
        match (deserr::deserialize::<T, _, Invalid>(Value::Object(fields)), self.bad_reference.clone().none()) {
            (Ok(body), Ok(())) => Ok(body),
            (Err(invalid), Ok(())) | (Ok(_), Err(invalid)) => Err(invalid.into()),
            (Err(mut invalid), Err(reference)) => {
                invalid.0.extend(reference.0);
                Err(invalid.into())
            }
        }
    }

    /// The table.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn table(&self) -> Result<&'a Table, Fault> {
        self.env.table()
    }

    /// A setting.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn setting(&self, setting: Setting) -> Result<&'a str, Fault> {
        self.env.settings.get(setting)
    }

    /// The connections of everybody.
    ///
    /// # Errors
    /// When the row does not declare that it reaches them.
    pub fn connections(&self) -> Result<&'a ports::Connections, Fault> {
        self.env.connections()
    }

    /// Hands something over to another function (`Row::call`, or the caller itself), with the time of this frame, and
    /// does not wait for it.
    ///
    /// # Errors
    /// When the row does not declare that it invokes, what is handed over is no object, or Lambda does not take it.
    pub async fn hand_over<T: Serialize>(&self, row: &str, what: &T) -> Result<(), Fault> {
        self.env.hand_over(row, what, self.now).await
    }

    /// How long handling it may still take, a second kept for the answer.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.time_limit.saturating_sub(self.started.elapsed() + Duration::from_secs(1))
    }

    /// The frame that answers with what was asked for, where the row answers at all.
    pub(crate) fn answer(&self, answer: Answer) -> Option<String> {
        let mut frame = self.about(self.row.answer?);
        frame.extend(answer.0);
        Some(Value::Object(frame).to_string())
    }

    /// The frame that answers with a problem.
    pub(crate) fn refusal(&self, problem: &Problem) -> String {
        let mut frame = self.about("error");
        let mut document = problem.document(self.lang, &self.request_id);
        if let Some(seconds) = problem.retry_after {
            // A frame has no `Retry-After`.
            document["retryAfter"] = seconds.max(1).into();
        }
        frame.insert("problem".to_owned(), document);
        Value::Object(frame).to_string()
    }

    fn about(&self, kind: &str) -> Map<String, Value> {
        let mut frame = Map::new();
        frame.insert("type".to_owned(), kind.into());
        if let Some(reference) = &self.reference {
            frame.insert("ref".to_owned(), reference.as_str().into());
        }
        frame
    }
}

/// The body of a frame that holds nothing.
#[derive(Deserr)]
#[deserr(error = Invalid, deny_unknown_fields)]
struct Nothing {}

/// What a frame is answered with, besides `type` and `ref`, which the door adds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer(Map<String, Value>);

impl Answer {
    /// The fields of a view.
    ///
    /// # Errors
    /// When the view is no JSON object, which is a fault of ours.
    pub fn of<T: Serialize>(view: &T) -> Answered {
        match serde_json::to_value(view).map_err(Fault::internal)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Fault::internal("an answer that is no object")),
        }
    }

    /// No fields: it was done.
    #[must_use]
    pub fn done() -> Self {
        Self::default()
    }
}

/// What a handler of frames comes to.
pub type Answered = Result<Answer, Fault>;

/// What the function itself returns. Without route responses API Gateway sends none of it to the client, and a stand-in
/// that sends bodies finds none.
pub(crate) fn taken() -> Value {
    json!({"statusCode": 200})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{log::LogSink, settings::Settings};
    use std::sync::Arc;

    const ROW: Row = Row::socket("test.take", "take").takes::<String>();
    const EMPTY: Row = Row::socket("test.poke", "poke");
    const SUB: &str = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";

    #[derive(Deserr, Debug)]
    #[deserr(error = Invalid, deny_unknown_fields)]
    #[expect(dead_code, reason = "read, not used")]
    struct Body {
        text: String,
        count: u8,
    }

    fn env() -> Env {
        let log: LogSink = Arc::new(|_| {});
        let sdk = aws_config::SdkConfig::builder().build();
        Env::new(Settings::default(), sdk, log)
    }

    fn event(body: &str, authorizer: Value) -> String {
        json!({
            "requestContext": {
                "connectionId": "JKJaWcQKPHcCFxA=", "connectedAt": 1_000, "requestTimeEpoch": 5_000,
                "authorizer": authorizer,
            },
            "body": body, "isBase64Encoded": false,
        })
        .to_string()
    }

    fn vouched() -> Value {
        let caller = Caller {
            id: AccountId::parse(SUB).unwrap(),
            username: "Kakao_1".into(),
            groups: vec!["admin".into(), "makers".into()],
            region: Region::parse("seoul/gangnam-gu"),
            tier: "free".into(),
            suspended: None,
        };
        let mut context = Connected::context(&caller, Time::from_ms(9_000), Lang::En);
        context.insert("principalId".into(), SUB.into());
        context.insert("integrationLatency".into(), 3.into());
        Value::Object(context)
    }

    fn frame<'a>(env: &'a Env, row: &'static Row, body: &str, authorizer: Value) -> Frame<'a> {
        let invocation =
            Invocation { request_id: "r1".into(), now: Time::from_ms(7), time_limit: Duration::from_secs(3) };
        Frame::read(env, row, &event(body, authorizer), &invocation, Instant::now()).unwrap()
    }

    fn code(fault: Fault) -> Code {
        match fault {
            Fault::Problem(problem) => problem.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_authorizer_says_is_read_back_as_it_was() {
        let env = env();
        let frame = frame(&env, &ROW, "{}", vouched());
        let connection = frame.connection().unwrap();
        assert_eq!(connection.caller.id.as_str(), SUB);
        assert_eq!(connection.caller.groups, ["admin", "makers"]);
        assert_eq!(connection.caller.region.map(Region::id), Some("seoul/gangnam-gu"));
        assert_eq!((connection.since, connection.expires), (Time::from_ms(1_000), Time::from_ms(9_000)));
        assert_eq!((frame.lang, frame.now), (Lang::En, Time::from_ms(5_000)));
    }

    #[test]
    fn every_bad_field_is_named_at_once_the_ref_among_them() {
        let env = env();
        let body = r#"{"action": "take", "ref": 7, "text": 1, "surprise": true}"#;
        let fault = frame(&env, &ROW, body, vouched()).body::<Body>().unwrap_err();
        let Fault::Problem(problem) = fault else { panic!("{fault:?}") };
        let mut fields: Vec<_> = problem.invalid.0.iter().map(|bad| bad.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["/count", "/ref", "/surprise", "/text"]);
    }

    #[test]
    fn a_ref_of_64_characters_is_carried_and_a_longer_one_refused() {
        let env = env();
        let fits = frame(&env, &EMPTY, &json!({"action": "poke", "ref": "한".repeat(64)}).to_string(), vouched());
        assert!(fits.admitted().is_ok());
        assert_eq!(fits.reference(), Some("한".repeat(64).as_str()));
        let long = frame(&env, &EMPTY, &json!({"action": "poke", "ref": "x".repeat(65)}).to_string(), vouched());
        assert_eq!(code(long.admitted().unwrap_err()), Code::InvalidFields);
        assert_eq!(long.reference(), None);
    }

    #[test]
    fn a_frame_that_takes_nothing_refuses_what_it_holds() {
        let env = env();
        let fault = frame(&env, &EMPTY, r#"{"action": "poke", "x": 1}"#, vouched()).admitted().unwrap_err();
        assert_eq!(code(fault), Code::MalformedFields);
    }

    #[test]
    fn a_frame_that_is_no_object_is_malformed() {
        let env = env();
        for body in ["", "hello", "[]", "7", "null", "{", "\"x\""] {
            assert_eq!(
                code(frame(&env, &EMPTY, body, vouched()).admitted().unwrap_err()),
                Code::MalformedFrame,
                "{body}"
            );
        }
    }

    #[test]
    fn a_token_that_ran_out_and_one_that_never_was_open_nothing() {
        let env = env();
        let mut expired = vouched();
        expired["expires"] = "5".into();
        assert_eq!(code(frame(&env, &EMPTY, "{}", expired).admitted().unwrap_err()), Code::TokenExpired);
        let mut timeless = vouched();
        timeless["expires"] = Value::Null;
        assert_eq!(code(frame(&env, &EMPTY, "{}", timeless).admitted().unwrap_err()), Code::TokenExpired);
        assert_eq!(code(frame(&env, &EMPTY, "{}", json!({})).admitted().unwrap_err()), Code::NotSignedIn);
    }

    #[test]
    fn answers_and_refusals_carry_the_ref() {
        let env = env();
        let frame = frame(&env, &EMPTY, r#"{"action": "poke", "ref": "c1"}"#, vouched());
        let answer = Answer::of(&json!({"seq": 4})).unwrap();
        let answer: Value = serde_json::from_str(&frame.answer(answer).unwrap()).unwrap();
        assert_eq!(answer, json!({"type": "ack", "ref": "c1", "seq": 4}));
        let refusal: Value = serde_json::from_str(&frame.refusal(&Problem::too_many(3))).unwrap();
        assert_eq!((&refusal["type"], &refusal["ref"]), (&"error".into(), &"c1".into()));
        assert_eq!(refusal["problem"]["code"], "too_many_requests");
        assert_eq!(refusal["problem"]["retryAfter"], 3);
        assert_eq!(refusal["problem"]["requestId"], "r1");
    }
}
