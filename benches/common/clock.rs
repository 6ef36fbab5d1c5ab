//! The clock of the benchmarks of single threads.

use std::time::{Duration, Instant};

/// Processor time of this thread where the system tells (Linux), so that what else runs on the machine
/// does not count; time of day elsewhere.
pub struct Clock {
    processor: Option<Duration>,
    day: Instant,
}

impl Clock {
    /// The time now.
    pub fn now() -> Self {
        Self { processor: Self::processor(), day: Instant::now() }
    }

    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        match (self.processor, Self::processor()) {
            (Some(start), Some(now)) => now.saturating_sub(start),
            _ => self.day.elapsed(),
        }
    }

    fn processor() -> Option<Duration> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
    }
}
