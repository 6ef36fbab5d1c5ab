//! Where tensors live: a name that a person types, to a device.

#[cfg(feature = "gpu")]
mod gpu;

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;

use super::ModelError;
use crate::base::suggestion;

/// A device by name: `cpu`, `ndarray`, `gpu`, `gpu:1`, `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DeviceName {
    /// Burn's Flex backend on the processor.
    #[default]
    Cpu,
    /// Burn's ndarray backend on the processor: slower, kept to compare with.
    Ndarray,
    /// A graphics card by number, through wgpu.
    Gpu(usize),
    /// The first graphics card that is one, else the processor.
    Auto,
}

/// What a device is, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The name to select it by.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Whether it can be used.
    pub usable: bool,
}

impl FromStr for DeviceName {
    type Err = ModelError;

    fn from_str(name: &str) -> Result<Self, ModelError> {
        const KNOWN: [&str; 4] = ["cpu", "ndarray", "gpu", "auto"];
        match name {
            "cpu" | "flex" => return Ok(Self::Cpu),
            "ndarray" => return Ok(Self::Ndarray),
            "gpu" => return Ok(Self::Gpu(0)),
            "auto" => return Ok(Self::Auto),
            _ => {}
        }
        if let Some(index) = name.strip_prefix("gpu:").and_then(|n| n.parse().ok()) {
            return Ok(Self::Gpu(index));
        }
        let hint = suggestion(name, KNOWN);
        let known = format!("write cpu, ndarray, gpu, gpu:N or auto{hint}");
        Err(ModelError::UnknownDevice { name: name.to_owned(), known })
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Ndarray => f.write_str("ndarray"),
            Self::Gpu(0) => f.write_str("gpu"),
            Self::Gpu(index) => write!(f, "gpu:{index}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl DeviceName {
    /// The device that this name led to, when it opened as a processor or as a card.
    pub fn used(self, is_cpu: bool) -> Self {
        match self {
            Self::Auto if is_cpu => Self::Cpu,
            Self::Auto => Self::Gpu(0),
            named => named,
        }
    }

    /// Opens the device.
    ///
    /// # Errors
    /// [`ModelError::UnknownDevice`] when this program or machine does not have it.
    pub fn open(self) -> Result<Opened, ModelError> {
        let cpu = |device, remark| Opened { device, is_cpu: true, remark };
        match self {
            Self::Cpu => Ok(cpu(Device::flex(), None)),
            Self::Ndarray => match ndarray_device() {
                Some(device) => Ok(cpu(device, None)),
                None => Err(ModelError::UnknownDevice { name: self.to_string(), known: NO_NDARRAY.into() }),
            },
            Self::Gpu(index) => {
                open_gpu(index).map_err(|known| ModelError::UnknownDevice { name: self.to_string(), known })
            }
            // Nothing to tell where no card could have been used: the processor is the default.
            Self::Auto if !cfg!(feature = "gpu") => Ok(cpu(Device::flex(), None)),
            Self::Auto => Ok(first_card()
                .unwrap_or_else(|reason| cpu(Device::flex(), self.once(format!("using the cpu: {reason}"))))),
        }
    }

    /// `line`, unless this name gave one before.
    fn once(self, line: String) -> Option<String> {
        static SAID: Mutex<Vec<DeviceName>> = Mutex::new(Vec::new());
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !said.contains(&self);
        is_new.then(|| {
            said.push(self);
            line
        })
    }
}

/// A device that can be worked on.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The device.
    pub device: Device,
    /// Whether tensors live in this machine's main memory.
    pub is_cpu: bool,
    /// A line for the user, the first time that it is opened: why `auto` fell back, or what the first work
    /// on a graphics card waits for.
    pub remark: Option<String>,
}

/// Whether a device computes on this machine's processor.
pub fn is_processor(device: &Device) -> bool {
    let device = device.clone().inner();
    device == Device::flex() || ndarray_device() == Some(device)
}

/// Every device that this program knows of, usable or not.
pub fn devices() -> Vec<DeviceInfo> {
    let threads = rayon::current_num_threads();
    let cpu = |name: &str, backend: &str| DeviceInfo {
        name: name.to_owned(),
        about: format!("processor, {threads} threads ({backend})"),
        usable: true,
    };
    let mut list = vec![cpu("cpu", "Burn Flex")];
    list.push(match ndarray_device() {
        Some(_) => cpu("ndarray", "Burn ndarray, deprecated by Burn"),
        None => DeviceInfo { name: "ndarray".into(), about: NO_NDARRAY.into(), usable: false },
    });
    list.extend(gpus());
    list
}

/// How to get the other device of the processor.
const NO_NDARRAY: &str = "this program was built without the ndarray device; build one with `cargo build --release --features ndarray`";

#[cfg(feature = "ndarray")]
#[allow(deprecated)] // upstream points to Flex; this backend stays selectable beside it
fn ndarray_device() -> Option<Device> {
    Some(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn ndarray_device() -> Option<Device> {
    None
}

/// The card of that number; a program that stands in for one as well, with a warning.
#[cfg(feature = "gpu")]
fn open_gpu(index: usize) -> Result<Opened, String> {
    let (device, adapter) = gpu::open(index)?;
    let about = &adapter.about;
    let remark = match adapter.is_software {
        true => format!("{about} is no graphics card but a program in its place, slower than `cpu`"),
        false => format!(
            "on {about}: the first work of each kind waits some seconds until its kernels are compiled"
        ),
    };
    Ok(Opened { device, is_cpu: false, remark: DeviceName::Gpu(index).once(remark) })
}

/// The first card that is one.
#[cfg(feature = "gpu")]
fn first_card() -> Result<Opened, String> {
    match gpu::adapters().first() {
        Some(adapter) if adapter.is_software => {
            Err(format!("{} is no graphics card but a program in its place", adapter.about))
        }
        _ => open_gpu(0),
    }
}

#[cfg(feature = "gpu")]
fn gpus() -> Vec<DeviceInfo> {
    let info = |(index, adapter): (usize, &gpu::Adapter)| {
        let kind = if adapter.is_software { "no graphics card but a program in its place: " } else { "" };
        let about = format!("{kind}{}; {}", adapter.about, adapter.limits);
        let failed = gpu::open(index).err();
        let usable = failed.is_none();
        DeviceInfo { name: DeviceName::Gpu(index).to_string(), about: failed.unwrap_or(about), usable }
    };
    match gpu::adapters() {
        [] => vec![DeviceInfo { name: "gpu".into(), about: gpu::NONE.into(), usable: false }],
        found => found.iter().enumerate().map(info).collect(),
    }
}

/// How to get what is not compiled in.
#[cfg(not(feature = "gpu"))]
const NO_GPU: &str =
    "this program was built without graphics cards; build one with `cargo build --release --features gpu`";

#[cfg(not(feature = "gpu"))]
fn open_gpu(_: usize) -> Result<Opened, String> {
    Err(NO_GPU.to_owned())
}

#[cfg(not(feature = "gpu"))]
fn first_card() -> Result<Opened, String> {
    Err(NO_GPU.to_owned())
}

#[cfg(not(feature = "gpu"))]
fn gpus() -> Vec<DeviceInfo> {
    vec![DeviceInfo { name: "gpu".into(), about: NO_GPU.into(), usable: false }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_back() {
        for name in ["cpu", "ndarray", "gpu", "gpu:2", "auto"] {
            assert_eq!(name.parse::<DeviceName>().unwrap().to_string(), name);
        }
        let error = "gpuu".parse::<DeviceName>().unwrap_err().to_string();
        assert!(error.contains("did you mean `gpu`?"), "{error}");
    }

    #[test]
    fn auto_always_opens_something() {
        DeviceName::Auto.open().unwrap();
        assert!(devices().iter().any(|d| d.usable));
        assert_eq!(DeviceName::Ndarray.open().is_ok(), cfg!(feature = "ndarray"));
    }
}
