//! GET /listings/{listingId}/calendar.ics: when what is lent is with somebody, for calendar programs (RFC 5545).

use domain::deal::rental::ical_time;
use edge::{Call, Grant, Outcome, Reply, Route, Row};

use crate::{Deals, calendar::taken};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.calendar_ical", "/listings/{listingId}/calendar.ics")
    .summary("When a rental's thing is with somebody, as iCalendar")
    .features(&["D2"])
    .anyone()
    .may(&[Grant::Table("BatchGetItem", &["LISTING#"])])
    .replies_text(200, "text/calendar; charset=utf-8")
    .etag()
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let (id, title, times) = taken(call).await?;
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Madang//Calendar//KO".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("X-WR-CALNAME:{}", escaped(&title)),
    ];
    for (start, end) in times {
        lines.push("BEGIN:VEVENT".to_owned());
        lines.push(format!("UID:{}-{}@madang", id, start.ms()));
        lines.push(format!("DTSTAMP:{}", ical_time(call.now)));
        lines.push(format!("DTSTART:{}", ical_time(start)));
        lines.push(format!("DTEND:{}", ical_time(end)));
        lines.push(format!("SUMMARY:{}", escaped(&title)));
        lines.push("TRANSP:OPAQUE".to_owned());
        lines.push("END:VEVENT".to_owned());
    }
    lines.push("END:VCALENDAR".to_owned());
    let text = lines.iter().fold(String::new(), |text, line| text + &folded(line) + "\r\n");
    Ok(Reply::text(text, "text/calendar; charset=utf-8"))
}

/// A text as RFC 5545 wants it (3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A line of at most 75 bytes, the rest on lines that begin with a blank (3.1).
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > 75 {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_folded_between_letters_and_what_has_a_meaning_is_escaped() {
        let line = folded(&format!("SUMMARY:{}", escaped(&"자전거, 21단;".repeat(8))));
        assert!(line.split("\r\n").all(|part| part.len() <= 75), "{line}");
        assert!(line.split("\r\n").skip(1).all(|part| part.starts_with(' ')));
        assert_eq!(line.replace("\r\n ", ""), format!("SUMMARY:{}", "자전거\\, 21단\\;".repeat(8)));
    }
}
