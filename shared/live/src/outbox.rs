//! What gathers for connections before it is sent: several events of one moment go as one frame.

use std::collections::BTreeMap;

use domain::id::ConnectionId;
use serde_json::{Value, json};

use crate::Weight;

/// Bytes up to which events are joined into one frame: API Gateway meters messages in 32 KB, and takes 128.
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>)
pub const LARGEST: usize = 32 * 1024;

/// Frames and where each goes.
pub type Frames = Vec<(ConnectionId, String)>;

/// Events for connections, each connection's in order.
#[derive(Debug, Default)]
pub struct Outbox {
    events: BTreeMap<ConnectionId, Vec<(Value, Weight)>>,
}

impl Outbox {
    /// Adds an event for a connection.
    pub fn put(&mut self, to: ConnectionId, event: Value, weight: Weight) {
        self.events.entry(to).or_default().push((event, weight));
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The frames: those that last, and those of connections that get only what passes.
    #[must_use]
    pub fn frames(self) -> (Frames, Frames) {
        let (mut lasting, mut passing) = (vec![], vec![]);
        for (to, events) in self.events {
            let lasts = events.iter().any(|(_, weight)| *weight == Weight::Lasting);
            let frames = joined(events.into_iter().map(|(event, _)| event.to_string()).collect());
            let into = if lasts { &mut lasting } else { &mut passing };
            into.extend(frames.into_iter().map(|frame| (to.clone(), frame)));
        }
        (lasting, passing)
    }
}

/// As few frames as hold these, in order.
fn joined(events: Vec<String>) -> Vec<String> {
    let around = json!({"type": "batch", "frames": []}).to_string().len();
    let mut frames: Vec<Vec<String>> = vec![];
    let mut size = LARGEST;
    for event in events {
        if size + event.len() + 1 > LARGEST {
            frames.push(vec![]);
            size = around;
        }
        size += event.len() + 1;
        if let Some(frame) = frames.last_mut() {
            frame.push(event);
        }
    }
    frames
        .into_iter()
        .map(|mut events| match events.len() {
            1 => events.remove(0),
            _ => format!("{{\"type\":\"batch\",\"frames\":[{}]}}", events.join(",")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to(n: u8) -> ConnectionId {
        ConnectionId::parse(&format!("c{n}")).unwrap()
    }

    fn unpacked(frames: &[String]) -> Vec<Value> {
        let frames = frames.iter().map(|frame| serde_json::from_str::<Value>(frame).unwrap());
        frames
            .flat_map(|frame| match frame["frames"].as_array() {
                Some(events) => events.clone(),
                None => vec![frame],
            })
            .collect()
    }

    #[test]
    fn one_event_is_a_frame_and_several_are_a_batch_in_order() {
        let mut outbox = Outbox::default();
        outbox.put(to(1), json!({"n": 1}), Weight::Lasting);
        outbox.put(to(2), json!({"n": 2}), Weight::Lasting);
        outbox.put(to(1), json!({"n": 3}), Weight::Passing);
        let (lasting, passing) = outbox.frames();
        assert!(passing.is_empty());
        assert_eq!(lasting[0], (to(1), r#"{"type":"batch","frames":[{"n":1},{"n":3}]}"#.to_owned()));
        assert_eq!(lasting[1], (to(2), r#"{"n":2}"#.to_owned()));
    }

    #[test]
    fn what_only_passes_is_kept_apart() {
        let mut outbox = Outbox::default();
        outbox.put(to(1), json!({"n": 1}), Weight::Passing);
        let (lasting, passing) = outbox.frames();
        assert_eq!((lasting.len(), passing.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn whatever_the_sizes_all_arrive_in_order_and_only_one_event_alone_makes_a_large_frame(
            sizes in proptest::collection::vec(0_usize..40_000, 1..20)
        ) {
            let events: Vec<Value> = sizes.iter().enumerate().map(|(n, size)| json!({"n": n, "x": "x".repeat(*size)})).collect();
            let frames = joined(events.iter().map(ToString::to_string).collect());
            for frame in &frames {
                prop_assert!(frame.len() <= LARGEST || !frame.starts_with("{\"type\""), "{}", frame.len());
            }
            prop_assert_eq!(unpacked(&frames), events);
        }
    }
}
