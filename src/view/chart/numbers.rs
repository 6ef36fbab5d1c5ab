//! Round numbers for axes, and how they are written.

/// Lowest and highest of the finite values, or `None` without any.
pub fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// A range that is wide enough to be drawn, `margin` times its width wider on both sides.
pub fn widened((low, high): (f64, f64), margin: f64) -> (f64, f64) {
    let width = high - low;
    let enough = f64::max(low.abs(), high.abs()) * 1e-9;
    match width.is_finite() && width > enough {
        true => (low - width * margin, high + width * margin),
        false if low == 0.0 => (-1.0, 1.0),
        false => (low - low.abs() * 0.5, high + high.abs() * 0.5),
    }
}

/// The multiples of 1, 2 or 5 times a power of ten in a range, at most about `most` of them, and how
/// they are written.
pub fn ticks((low, high): (f64, f64), most: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / most.max(1) as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0].into_iter().find(|times| times * power >= rough * 0.999_999);
    let step = times.unwrap_or(10.0) * power;
    let first = (low / step - 1e-9).ceil();
    let count = (high / step + 1e-9).floor() - first;
    let tick = |index: usize| {
        let value = (first + index as f64) * step;
        (value, written(value, step))
    };
    (0..=count.clamp(0.0, 1000.0) as usize).map(tick).collect()
}

/// Powers of ten in a range above zero, with twice and five times them where there are few, and how they
/// are written; at most about `most`.
pub fn log_ticks((low, high): (f64, f64), most: usize) -> Vec<(f64, String)> {
    let powers = |step: i32| {
        let first = (low.log10() - 1e-9).ceil() as i32;
        let last = (high.log10() + 1e-9).floor() as i32;
        (first..=last).filter(move |power| power.rem_euclid(step) == 0).map(|power| 10f64.powi(power))
    };
    let between = |times: &'static [f64]| -> Vec<f64> {
        let decades = (low.log10().floor() as i32)..=(high.log10().floor() as i32);
        let all = decades.flat_map(|power| times.iter().map(move |times| times * 10f64.powi(power)));
        all.filter(|tick| (low * 0.999_999..=high * 1.000_001).contains(tick)).collect()
    };
    let fits = |ticks: &Vec<f64>| ticks.len() <= most.max(2);
    let fine = [&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0][..], &[1.0, 2.0, 5.0]];
    let coarse = (1..=400).map(|step| powers(step).collect::<Vec<f64>>());
    let chosen = fine.into_iter().map(between).chain(coarse).find(fits).unwrap_or_default();
    if chosen.len() < 2 {
        return ticks((low, high), most);
    }
    chosen.into_iter().map(|tick| (tick, written(tick, tick))).collect()
}

/// A number with as many digits as its `step` needs; powers of ten for the very large and small.
pub fn written(value: f64, step: f64) -> String {
    if value.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    match value.abs() {
        1e-4..1e7 => {
            let digits = (-(step.log10() + 1e-9).floor()).clamp(0.0, 12.0) as usize;
            format!("{value:.digits$}")
        }
        _ => {
            let text = format!("{value:.3e}");
            match text.split_once('e') {
                Some((digits, power)) if digits.contains('.') => {
                    format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
                }
                _ => text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_in_the_range() {
        let labels = |range, most| ticks(range, most).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(
            labels((0.0, 1.0), 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"].map(|t| if t == "0.0" { "0" } else { t })
        );
        assert_eq!(labels((-3.0, 12.0), 4), ["0", "5", "10"]);
        assert_eq!(labels((0.0, 23_000.0), 5), ["0", "5000", "10000", "15000", "20000"]);
        assert_eq!(labels((0.0, 3e-6), 3), ["0", "1e-6", "2e-6", "3e-6"]);
        assert_eq!(labels((5.0, 5.0), 3), Vec::<String>::new());
    }

    #[test]
    fn powers_of_ten_stand_along_wide_ranges() {
        let labels = |range| log_ticks(range, 8).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(labels((0.9, 2e4)), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(labels((1e-3, 0.06)), ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05"]);
        assert_eq!(labels((1e-12, 1e12)).len(), 7);
        assert_eq!(labels((1.0, 1.4))[..3], ["1.00", "1.05", "1.10"]);
    }

    #[test]
    fn a_single_value_gets_room_around_it() {
        assert_eq!(widened((4.0, 4.0), 0.1), (2.0, 6.0));
        assert_eq!(widened((0.0, 0.0), 0.1), (-1.0, 1.0));
        assert_eq!(widened((0.0, 10.0), 0.1), (-1.0, 11.0));
        assert_eq!(range([f64::NAN, 2.0, f64::INFINITY, -1.0]), Some((-1.0, 2.0)));
        assert_eq!(range([f64::NAN]), None);
    }
}
