//! NumPy archives: pypianoroll multitracks, the sparse training layout, plain arrays.
//!
//! The only home of ndarray, ndarray-npy and zip. Depends on `base` and `music`.
