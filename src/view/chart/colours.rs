//! Colours of series, and of cells of heat maps.

use crate::music::Family;
use crate::view::image::Rgb;
use crate::view::palette::{family_colour, tint};

/// Okabe and Ito's colours, which people with any colour vision tell apart, without their yellow; then
/// others for charts of many series.
const SERIES: [Rgb; 14] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (60, 60, 60),
    (136, 34, 85),
    (148, 148, 40),
    (95, 70, 185),
    (140, 86, 60),
    (120, 195, 40),
    (150, 150, 158),
    (225, 60, 130),
];

/// The colour of each series by its name and place.
pub fn series_colours<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Rgb> {
    let mut others = SERIES.iter().cycle().copied();
    let mut pick = |name: &str| match Family::from_name(name) {
        Ok(family) => family_colour(family).rgb,
        Err(_) => others.next().unwrap_or(SERIES[0]),
    };
    names.into_iter().map(&mut pick).collect()
}

/// The colour of a cell of a heat map whose values lie in a range: white to blue, and white to red
/// for what is below zero.
pub fn heat(value: f64, (low, high): (f64, f64)) -> Rgb {
    const MORE: Rgb = (20, 70, 140);
    const LESS: Rgb = (170, 30, 40);
    let most = f64::max(high.abs(), low.abs());
    let share = |part: f64| if part.is_finite() { part } else { 1.0 };
    match low < 0.0 {
        true if value < 0.0 => tint(LESS, share(value / -most)),
        true => tint(MORE, share(value / most)),
        false => tint(MORE, share((value - low) / (high - low))),
    }
}

/// Whether dark text cannot be read on a colour.
pub fn is_dark((r, g, b): Rgb) -> bool {
    299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) < 140_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_named_after_tracks_look_like_them() {
        let colours = series_colours(["critic", "bass", "generator"]);
        assert_eq!(colours, [SERIES[0], family_colour(Family::Bass).rgb, SERIES[1]]);
    }

    #[test]
    fn heat_runs_from_white_and_turns_red_below_zero() {
        assert_eq!(heat(2.0, (2.0, 5.0)), (255, 255, 255));
        assert_eq!(heat(5.0, (2.0, 5.0)), (20, 70, 140));
        assert_eq!(heat(-1.0, (-1.0, 0.5)), (170, 30, 40));
        assert_eq!(heat(0.0, (-1.0, 0.5)), (255, 255, 255));
        assert!(is_dark(heat(5.0, (2.0, 5.0))) && !is_dark((255, 255, 255)));
    }
}
