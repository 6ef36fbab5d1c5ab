//! The sheet of paper that pictures are drawn on: logical pixels, three shapes and a font.

use std::path::Path;
use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::{
    BitMapBackend, Circle, DrawingBackend, IntoDrawingArea, PathElement, Polygon, RGBColor, Rectangle,
    SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, TextStyle, register_font};

use super::{png, svg};
use crate::base::{Stamp, write_atomically};
use crate::music::Origin;
use crate::view::ViewError;

/// A colour as red, green, blue.
pub type Rgb = (u8, u8, u8);

/// A PNG is drawn this many times larger and averaged.
const OVERSAMPLING: u32 = 2;
/// Drawn pixels above which a PNG is not drawn larger first.
const LARGE: u64 = 48_000_000;
/// Pixels above which nothing is drawn.
const LARGEST: u64 = 120_000_000;

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Shapes; text in the viewer's own sans-serif.
    Svg,
}

impl Format {
    /// The format that a file name's extension stands for.
    ///
    /// # Errors
    /// [`ViewError::Extension`] naming the known ones.
    pub fn of_path(path: &Path) -> Result<Self, ViewError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            _ => Err(ViewError::Extension { path: path.to_owned(), known: ".png or .svg" }),
        }
    }
}

/// Something that can be drawn on a page of its own size.
pub trait Picture {
    /// Width and height in logical pixels.
    fn size(&self) -> (u32, u32);

    /// Draws it.
    fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError>;
}

/// The bytes of a picture's file, which says where its music came from and what makes it.
pub fn render(
    picture: &impl Picture,
    format: Format,
    origin: Option<&Origin>,
    stamp: Option<&Stamp>,
) -> Result<Vec<u8>, ViewError> {
    let (width, height) = picture.size();
    if u64::from(width) * u64::from(height) > LARGEST {
        let (width, height) = (width.into(), height.into());
        return Err(ViewError::TooLarge { width, height, advice: "draw fewer bars or fewer pieces" });
    }
    register()?;
    match format {
        Format::Svg => {
            let mut text = String::new();
            draw(picture, SVGBackend::with_string(&mut text, (width, height)), 1)?;
            Ok(svg::with_metadata(text, origin, stamp).into_bytes())
        }
        Format::Png => {
            let bytes = png::encode(&pixels(picture)?, (width, height))?;
            Ok(png::with_stamp(png::with_origin(bytes, origin), stamp))
        }
    }
}

/// The RGB pixels of a picture, row by row from the top.
pub fn pixels(picture: &impl Picture) -> Result<Vec<u8>, ViewError> {
    register()?;
    let (width, height) = picture.size();
    let enlarged = u64::from(width * OVERSAMPLING) * u64::from(height * OVERSAMPLING);
    let scale = if enlarged > LARGE { 1 } else { OVERSAMPLING };
    let size = (width * scale, height * scale);
    let mut drawn = vec![255; size.0 as usize * size.1 as usize * 3];
    draw(picture, BitMapBackend::with_buffer(&mut drawn, size), scale)?;
    Ok(averaged(drawn, size.0 as usize, scale as usize))
}

/// Writes a picture in the format of the file's extension, with what [`render`] says in it.
pub fn save(
    path: &Path,
    picture: &impl Picture,
    origin: Option<&Origin>,
    stamp: Option<&Stamp>,
) -> Result<(), ViewError> {
    let format = Format::of_path(path)?;
    Ok(write_atomically(path, &render(picture, format, origin, stamp)?)?)
}

fn draw<B: DrawingBackend>(picture: &impl Picture, backend: B, scale: u32) -> Result<(), ViewError> {
    let page = Page { area: backend.into_drawing_area(), scale: scale as i32 };
    let (width, height) = picture.size();
    page.rect((0, 0), (width as i32, height as i32), (255, 255, 255))?;
    picture.draw(&page)?;
    page.area.present().map_err(failed)
}

/// Means of `scale` x `scale` blocks of RGB pixels.
fn averaged(pixels: Vec<u8>, width: usize, scale: usize) -> Vec<u8> {
    if scale == 1 {
        return pixels;
    }
    let mean = |rows: &[u8], at: usize| {
        let block = (0..scale).flat_map(|dy| (0..scale).map(move |dx| (dy, dx)));
        let sum: usize = block.map(|(dy, dx)| usize::from(rows[dy * width * 3 + at + dx * 3])).sum();
        ((sum + scale * scale / 2) / (scale * scale)) as u8
    };
    let line = |rows: &[u8]| {
        let cells = (0..width / scale).flat_map(|x| (0..3).map(move |channel| x * scale * 3 + channel));
        cells.map(|at| mean(rows, at)).collect::<Vec<u8>>()
    };
    pixels.chunks_exact(width * 3 * scale).flat_map(line).collect()
}

/// Puts the font where plotters looks for it; once.
fn register() -> Result<(), ViewError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let register = |style, bytes| register_font(FontFamily::SansSerif.as_str(), style, bytes).is_ok();
    let done = DONE.get_or_init(|| {
        register(FontStyle::Normal, include_bytes!("../../../assets/fonts/ricercar-sans.ttf"))
            && register(FontStyle::Bold, include_bytes!("../../../assets/fonts/ricercar-sans-bold.ttf"))
    });
    if *done { Ok(()) } else { Err(ViewError::Draw("the built-in font is damaged".to_owned())) }
}

fn failed(error: impl std::fmt::Display) -> ViewError {
    ViewError::Draw(error.to_string())
}

/// Weight of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Labels.
    Regular,
    /// Titles and names.
    Bold,
}

/// How a piece of text stands: size in pixels, weight, colour, and which of its points is given.
#[derive(Clone, Copy)]
pub struct Lettering {
    pub size: i32,
    pub weight: Weight,
    pub colour: Rgb,
    pub anchor: HPos,
    /// Turned a quarter to the left.
    pub upright: bool,
}

impl Lettering {
    /// Left-aligned dark text.
    pub const fn new(size: i32) -> Self {
        Self { size, weight: Weight::Regular, colour: (40, 40, 40), anchor: HPos::Left, upright: false }
    }

    pub const fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub const fn coloured(self, colour: Rgb) -> Self {
        Self { colour, ..self }
    }

    /// Ends at the given point.
    pub const fn right(self) -> Self {
        Self { anchor: HPos::Right, ..self }
    }

    /// Is centred on the given point.
    pub const fn centred(self) -> Self {
        Self { anchor: HPos::Center, ..self }
    }

    pub const fn upright(self) -> Self {
        Self { upright: true, ..self }
    }
}

/// A page being drawn on. Points are logical pixels, `(x, y)` from the top left corner.
pub struct Page<B: DrawingBackend> {
    area: DrawingArea<B, Shift>,
    scale: i32,
}

impl<B: DrawingBackend> Page<B> {
    /// A filled rectangle from `from` up to, not including, `to`; nothing when it is empty.
    pub fn rect(&self, from: (i32, i32), to: (i32, i32), colour: Rgb) -> Result<(), ViewError> {
        if to.0 <= from.0 || to.1 <= from.1 {
            return Ok(());
        }
        let ends = [self.scaled(from), self.scaled(to)];
        self.area.draw(&Rectangle::new(ends, solid(colour).filled())).map_err(failed)
    }

    /// A line through `points`, `width` pixels thick; nothing with fewer than two points.
    pub fn line(&self, points: &[(f64, f64)], width: f64, colour: Rgb) -> Result<(), ViewError> {
        if points.len() < 2 {
            return Ok(());
        }
        let points: Vec<_> = points.iter().map(|point| self.scaled_exactly(*point)).collect();
        let width = (width * f64::from(self.scale)).round().max(1.0) as u32;
        self.area.draw(&PathElement::new(points, solid(colour).stroke_width(width))).map_err(failed)
    }

    /// A filled polygon, mixed with what is below by `opacity` 0..=1.
    pub fn polygon(&self, points: &[(f64, f64)], colour: Rgb, opacity: f64) -> Result<(), ViewError> {
        if points.len() < 3 {
            return Ok(());
        }
        let points: Vec<_> = points.iter().map(|point| self.scaled_exactly(*point)).collect();
        self.area.draw(&Polygon::new(points, solid(colour).mix(opacity))).map_err(failed)
    }

    /// A filled circle.
    pub fn disc(&self, centre: (f64, f64), radius: f64, colour: Rgb) -> Result<(), ViewError> {
        let radius = (radius * f64::from(self.scale)).round() as i32;
        let circle = Circle::new(self.scaled_exactly(centre), radius, solid(colour).filled());
        self.area.draw(&circle).map_err(failed)
    }

    /// Text with the middle of its capitals at the height of `at`.
    pub fn text(&self, text: &str, at: (i32, i32), lettering: Lettering) -> Result<(), ViewError> {
        let style = self.style(lettering).pos(Pos::new(lettering.anchor, VPos::Center));
        self.area.draw(&Text::new(printable(text), self.scaled(at), style)).map_err(failed)
    }

    /// Width of a text in pixels.
    pub fn text_width(&self, text: &str, lettering: Lettering) -> Result<i32, ViewError> {
        let level = Lettering { upright: false, ..lettering };
        let (width, _) =
            self.area.estimate_text_size(&printable(text), &self.style(level)).map_err(failed)?;
        Ok((width as i32).div_euclid(self.scale) + 1)
    }

    fn style(&self, lettering: Lettering) -> TextStyle<'static> {
        let weight = match lettering.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        // plotters puts the baseline at half the size, which must be whole or letters dance.
        let size = (lettering.size * self.scale + 1) / 2 * 2;
        let font = FontDesc::new(FontFamily::SansSerif, f64::from(size), weight);
        let font = match lettering.upright {
            true => font.transform(FontTransform::Rotate270),
            false => font,
        };
        font.color(&solid(lettering.colour))
    }

    fn scaled(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (x * self.scale, y * self.scale)
    }

    fn scaled_exactly(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let scaled = |value: f64| (value * f64::from(self.scale)).round() as i32;
        (scaled(x), scaled(y))
    }
}

/// `text`, or as much of its beginning as is at most `width` pixels wide, with `…`.
pub fn fitted<B: DrawingBackend>(
    page: &Page<B>,
    text: &str,
    lettering: Lettering,
    width: i32,
) -> Result<String, ViewError> {
    let mut kept: Vec<char> = text.chars().take(400).collect();
    let mut shown = text.to_owned();
    while page.text_width(&shown, lettering)? > width && !kept.is_empty() {
        kept.pop();
        shown = kept.iter().collect::<String>().trim_end().to_owned() + "…";
    }
    Ok(shown)
}

fn solid((r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

/// Text without control characters, which have no glyph.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Square;

    impl Picture for Square {
        fn size(&self) -> (u32, u32) {
            (40, 20)
        }

        fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
            page.rect((2, 3), (10, 5), (1, 2, 3))?;
            page.text("Ag", (20, 10), Lettering::new(14))
        }
    }

    #[test]
    fn rectangles_cover_exactly_their_pixels() {
        let page = pixels(&Square).unwrap();
        let dark = |x: usize, y: usize| page[(y * 40 + x) * 3..][..3] == [1, 2, 3];
        let expected = |x: usize, y: usize| (2..10).contains(&x) && (3..5).contains(&y);
        assert!((0..20).all(|y| (0..18).all(|x| dark(x, y) == expected(x, y))));
        let ink = (20..40).filter(|x| (0..20).any(|y| page[(y * 40 + x) * 3] < 128)).count();
        assert!((10..20).contains(&ink), "two letters of 14 pixels have {ink} columns of ink");
    }

    #[test]
    fn formats_follow_the_extension() {
        assert_eq!(Format::of_path(Path::new("a/B.PNG")).unwrap(), Format::Png);
        assert_eq!(Format::of_path(Path::new("x.svg")).unwrap(), Format::Svg);
        let error = Format::of_path(Path::new("x.jpg")).unwrap_err().to_string();
        assert_eq!(
            error,
            "`x.jpg`: pictures are written as .png or .svg, so the name must end in one of these"
        );
    }

    #[test]
    fn the_same_picture_has_the_same_bytes_on_any_thread() {
        let draw = || render(&Square, Format::Png, None, None).unwrap();
        let first = draw();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() == first));
        });
    }

    #[test]
    fn an_svg_holds_shapes_and_text() {
        let svg = String::from_utf8(render(&Square, Format::Svg, None, None).unwrap()).unwrap();
        assert!(svg.starts_with("<svg width=\"40\" height=\"20\"") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("Ag") && svg.contains("#010203"), "{svg}");
    }
}
