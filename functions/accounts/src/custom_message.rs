//! Trigger CustomMessage: the pool's mails, in Korean with English below.

use edge::{Event, Fault, Route, Row};
use serde_json::Value;

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::pool("accounts.custom_message", "custom_message")
    .summary("The mails of the user pool")
    .features(&["A2", "A3", "A17"])
    .budget(0, 0.0, 0.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Accounts, mut event: Event<'_>) -> Result<Value, Fault> {
    let source = event.payload["triggerSource"].as_str().unwrap_or_default();
    let (subject, ko, en) = match source {
        "CustomMessage_SignUp" | "CustomMessage_ResendCode" => (
            "[마당] 이메일 인증 코드",
            "아래 코드를 입력하면 가입이 끝납니다. 코드는 24시간 동안 쓸 수 있습니다.",
            "Enter this code to finish signing up. It is good for 24 hours.",
        ),
        "CustomMessage_ForgotPassword" => (
            "[마당] 비밀번호 재설정 코드",
            "아래 코드로 새 비밀번호를 정할 수 있습니다. 코드는 한 시간 동안 쓸 수 있습니다. 요청하신 적이 없다면 이 메일을 무시해 주세요.",
            "Set a new password with this code. It is good for one hour. If you did not ask for it, ignore this mail.",
        ),
        "CustomMessage_UpdateUserAttribute" | "CustomMessage_VerifyUserAttribute" => (
            "[마당] 이메일 확인 코드",
            "아래 코드를 입력하면 이메일이 확인됩니다.",
            "Enter this code to confirm your e-mail address.",
        ),
        // Anything else goes out in the pool's own words.
        _ => return Ok(event.payload),
    };
    // The pool puts the code in the place of this, and refuses a mail without it.
    let code = event.payload["request"]["codeParameter"].as_str().unwrap_or("{####}").to_owned();
    event.payload["response"]["emailSubject"] = subject.into();
    event.payload["response"]["emailMessage"] = format!(
        "<!doctype html><html lang=\"ko\"><body style=\"font-family:sans-serif;line-height:1.6\">\
         <p>{ko}</p><p style=\"font-size:1.6em;letter-spacing:.2em\"><b>{code}</b></p>\
         <p lang=\"en\" style=\"color:#666\">{en}</p></body></html>"
    )
    .into();
    Ok(event.payload)
}
