//! MIDI through the ports of the system.

use std::thread::sleep;
use std::time::{Duration, Instant};

use midir::{MidiOutput, MidiOutputConnection};

use super::alsa;
use crate::base::Cancel;
use crate::midi::{Message, Performed, perform};
use crate::script::{Heard, Ports};

/// The name that other programs see.
const CLIENT: &str = "ricercar";
/// Between two looks at Ctrl-C.
const TICK: Duration = Duration::from_millis(20);

/// The ports that the system has at the moment.
#[derive(Debug)]
pub(super) struct SystemPorts;

fn output() -> Result<MidiOutput, String> {
    alsa::mute();
    let linux = if cfg!(target_os = "linux") { " (is the module `snd-seq` loaded?)" } else { "" };
    MidiOutput::new(CLIENT).map_err(|error| format!("the system has no way to MIDI ports: {error}{linux}"))
}

fn connect(name: &str) -> Result<MidiOutputConnection, String> {
    let output = output()?;
    let is_named = |port: &midir::MidiOutputPort| output.port_name(port).is_ok_and(|known| known == name);
    let port = output.ports().into_iter().find(is_named).ok_or("it has gone")?;
    output.connect(&port, CLIENT).map_err(|error| error.to_string())
}

impl Ports for SystemPorts {
    fn names(&self) -> Result<Vec<String>, String> {
        let output = output()?;
        Ok(output.ports().iter().filter_map(|port| output.port_name(port).ok()).collect())
    }

    fn play(&self, port: &str, messages: &[Message], cancel: &Cancel) -> Heard {
        let mut connection = match connect(port) {
            Ok(connection) => connection,
            Err(why) => return Heard::Failed(why),
        };
        let start = Instant::now();
        let performed = perform(
            messages,
            |seconds| wait(start + Duration::from_secs_f64(seconds), cancel),
            |bytes| connection.send(bytes).map_err(|error| error.to_string()),
        );
        connection.close();
        match performed {
            Ok(Performed::Whole) => Heard::Played,
            Ok(Performed::Stopped) => Heard::Stopped,
            Err(why) => Heard::Failed(why),
        }
    }
}

/// Comes back at `until`, or soon after `cancel` is raised with `false`.
fn wait(until: Instant, cancel: &Cancel) -> bool {
    while !cancel.is_raised() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        sleep(left.min(TICK));
    }
    false
}
