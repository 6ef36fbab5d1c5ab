//! Messages as frames: signed, and taken only when the signature is right.

use hmac::{Hmac, KeyInit, Mac};
use jupyter_protocol::JupyterMessage;
use serde_json::{Value, json};
use sha2::Sha256;
use zeromq::ZmqMessage;

/// What stands between the addresses of a message and the message.
const DELIMITER: &[u8] = b"<IDS|MSG>";
/// Signature, header, header of the parent, metadata, content.
const PARTS: usize = 5;

/// A type of messages that there is not, so that any content goes with it.
const UNREADABLE: &str = "unreadable";

/// Signs with the key of a connection; an empty key signs nothing and takes everything.
#[derive(Clone)]
pub(super) struct Signer(Option<Hmac<Sha256>>);

/// Why frames are no message to be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("a message without the delimiter `<IDS|MSG>` and its parts was ignored")]
    Frames,
    #[error("a message with a wrong signature was ignored: it did not come from this kernel's front end")]
    Signature,
    #[error("a message that is not one of Jupyter's was ignored: {0}")]
    Content(String),
}

impl Signer {
    /// For the key that the connection file names.
    pub(super) fn new(key: &str) -> Self {
        let mac = || Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes keys of every length");
        Self((!key.is_empty()).then(mac))
    }

    /// A message as frames, its addresses first.
    pub(super) fn sealed(&self, message: &JupyterMessage) -> ZmqMessage {
        let parent = message.parent_header.as_ref().map_or_else(|| json!({}), |parent| json!(parent));
        let parts = [json!(message.header), parent, message.metadata.clone(), json!(message.content)];
        let parts = parts.map(|part| part.to_string().into_bytes());
        let signature = self.mac(&parts).map(|mac| hex(&mac.finalize().into_bytes()));
        // The delimiter alone is a message already, so that nothing can go wrong here.
        let mut frames = ZmqMessage::from(DELIMITER.to_vec());
        for address in message.zmq_identities.iter().rev() {
            frames.push_front(address.clone());
        }
        frames.push_back(signature.unwrap_or_default().into_bytes().into());
        for part in parts {
            frames.push_back(part.into());
        }
        frames
    }

    /// The message that some frames hold.
    pub(super) fn opened(&self, frames: ZmqMessage) -> Result<JupyterMessage, Refused> {
        let frames = frames.into_vec();
        let delimiter = frames.iter().position(|frame| **frame == *DELIMITER).ok_or(Refused::Frames)?;
        let (addresses, rest) = frames.split_at(delimiter);
        let parts = rest.get(1..=PARTS).ok_or(Refused::Frames)?;
        let (signature, parts) = (&parts[0], &parts[1..]);
        if let Some(mac) = self.mac(parts) {
            let signature = unhex(signature).ok_or(Refused::Signature)?;
            mac.verify_slice(&signature).map_err(|_| Refused::Signature)?;
        }
        let refused = |error: &dyn std::fmt::Display| Refused::Content(error.to_string());
        let read = |part: &[u8]| serde_json::from_slice::<Value>(part).map_err(|error| refused(&error));
        let (header, mut content) = (read(&parts[0])?, read(&parts[3])?);
        let kind = header["msg_type"].as_str().unwrap_or_default().to_owned();
        complete(&kind, &mut content);
        let mut value = json!({
            "header": header,
            "parent_header": read(&parts[1])?,
            "metadata": read(&parts[2])?,
            "content": content,
        });
        let message = JupyterMessage::from_value(value.clone()).or_else(|_| {
            // Whoever asks something that cannot be read waits for an answer all the same.
            value["header"]["msg_type"] = UNREADABLE.into();
            JupyterMessage::from_value(value)
        });
        let mut message = message.map_err(|error| refused(&error))?;
        message.header.msg_type = kind;
        Ok(message.with_zmq_identities(addresses.to_vec()))
    }

    /// What the signature of some parts comes from, where there is a key.
    fn mac(&self, parts: &[impl AsRef<[u8]>]) -> Option<Hmac<Sha256>> {
        let mut mac = self.0.clone()?;
        for part in parts {
            mac.update(part.as_ref());
        }
        Some(mac)
    }
}

/// Puts in what some front ends leave out and the types of the messages ask for.
fn complete(kind: &str, content: &mut Value) {
    if let ("history_request", Some(content)) = (kind, content.as_object_mut()) {
        let usual = json!({
            "output": false, "raw": true, "unique": false, "n": i32::MAX, "start": 0, "stop": 0, "pattern": "*",
        });
        for (key, value) in usual.as_object().into_iter().flatten() {
            content.entry(key).or_insert_with(|| value.clone());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digits = std::str::from_utf8(digits).ok()?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (digits.len() % 2 == 0).then(|| (0..digits.len()).step_by(2).map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use jupyter_protocol::{ExecuteRequest, JupyterMessageContent};

    use super::*;

    fn message() -> JupyterMessage {
        JupyterMessage::new(ExecuteRequest::new("1 + 1".into()), None)
            .with_zmq_identities(vec![b"somebody".to_vec().into()])
    }

    #[test]
    fn a_message_comes_back_from_its_frames() {
        let signer = Signer::new("secret");
        let frames = signer.sealed(&message());
        assert_eq!(frames.len(), 1 + 1 + PARTS);
        let back = signer.opened(frames).unwrap();
        assert_eq!((back.header.msg_id.len(), back.zmq_identities.len()), (36, 1));
        match back.content {
            JupyterMessageContent::ExecuteRequest(request) => assert_eq!(request.code, "1 + 1"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_others_have_signed_or_changed_is_refused() {
        let signer = Signer::new("secret");
        let frames = Signer::new("guess").sealed(&message());
        assert_eq!(signer.opened(frames).unwrap_err(), Refused::Signature);
        let mut frames = signer.sealed(&message()).into_vec();
        frames[6] = br#"{"code":"rm()"}"#.to_vec().into();
        let changed = ZmqMessage::try_from(frames).unwrap();
        assert_eq!(signer.opened(changed).unwrap_err(), Refused::Signature);
        let unsigned = Signer::new("").sealed(&message());
        assert_eq!(signer.opened(unsigned).unwrap_err(), Refused::Signature);
        assert_eq!(signer.opened(ZmqMessage::from("hello")).unwrap_err(), Refused::Frames);
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let signer = Signer::new("");
        let frames = signer.sealed(&message());
        assert!(frames.get(2).unwrap().is_empty());
        assert!(signer.opened(frames).is_ok());
    }

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2: key "Jefe", data "what do ya want for nothing?".
        let parts = ["what do ya want ", "for nothing?"];
        assert_eq!(
            hex(&Signer::new("Jefe").mac(&parts).unwrap().finalize().into_bytes()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_message_of_an_unknown_kind_and_what_is_none_says_why() {
        let signer = Signer::new("");
        let with = |part: usize, text: &str| {
            let mut frames = signer.sealed(&message()).into_vec();
            frames[part] = text.as_bytes().to_vec().into();
            signer.opened(ZmqMessage::try_from(frames).unwrap())
        };
        let odd = with(6, r#"{"code": 7}"#).unwrap();
        assert_eq!(odd.header.msg_type, "execute_request");
        assert!(matches!(odd.content, JupyterMessageContent::UnknownMessage(_)));
        assert!(matches!(with(3, "{}"), Err(Refused::Content(why)) if why.contains("msg_id")));
        assert!(matches!(with(6, "{"), Err(Refused::Content(_))));
    }

    #[test]
    fn a_search_without_all_of_its_settings_is_one() {
        let mut content = json!({ "hist_access_type": "search", "pattern": "a*" });
        complete("history_request", &mut content);
        assert_eq!((&content["pattern"], &content["n"]), (&"a*".into(), &i32::MAX.into()));
        assert!(JupyterMessageContent::from_type_and_content("history_request", content).is_ok());
    }
}
