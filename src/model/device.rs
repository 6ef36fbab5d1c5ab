//! Where tensors live: a name that a person types, to a device.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use super::ModelError;
use crate::base::did_you_mean;

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
        let hint = did_you_mean(name, KNOWN).map(|near| format!("; did you mean `{near}`?"));
        let known = format!("write cpu, ndarray, gpu, gpu:N or auto{}", hint.unwrap_or_default());
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
        let gpu = |device| Opened { device, is_cpu: false, remark: None };
        match self {
            Self::Cpu => Ok(cpu(Device::flex(), None)),
            Self::Ndarray => Ok(cpu(ndarray_device(), None)),
            Self::Gpu(index) => Ok(gpu(open_gpu(index)?)),
            // Nothing to tell where no card could have been used: the processor is the default.
            Self::Auto if !cfg!(feature = "gpu") => Ok(cpu(Device::flex(), None)),
            Self::Auto => Ok(match open_gpu(0) {
                Ok(device) => gpu(device),
                Err(reason) => cpu(Device::flex(), Some(format!("using the cpu: {reason}"))),
            }),
        }
    }
}

/// A device that can be worked on.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The device.
    pub device: Device,
    /// Whether tensors live in this machine's main memory.
    pub is_cpu: bool,
    /// A line that says why it is not the device asked for, when `auto` fell back.
    pub remark: Option<String>,
}

/// Every device that this program knows of, usable or not.
pub fn devices() -> Vec<DeviceInfo> {
    let threads = rayon::current_num_threads();
    let cpu = |name: &str, backend: &str| DeviceInfo {
        name: name.to_owned(),
        about: format!("processor, {threads} threads ({backend})"),
        usable: true,
    };
    let mut list = vec![cpu("cpu", "Burn Flex"), cpu("ndarray", "Burn ndarray, deprecated by Burn")];
    list.extend(gpus());
    list
}

#[allow(deprecated)] // upstream points to Flex; this backend stays selectable beside it
fn ndarray_device() -> Device {
    Device::ndarray()
}

#[cfg(feature = "gpu")]
fn open_gpu(index: usize) -> Result<Device, ModelError> {
    use burn::tensor::DeviceKind;
    let unknown = |reason: String| ModelError::UnknownDevice { name: format!("gpu:{index}"), known: reason };
    let kind = if index == 0 { DeviceKind::DefaultDevice } else { DeviceKind::DiscreteGpu(index) };
    let device =
        Device::wgpu_options().device_kind(kind).init().map_err(|error| unknown(error.to_string()))?;
    match device.identity().map(|identity| identity.name) {
        Some(name) if is_software(&name) => Err(unknown(format!("`{name}` is a software adapter"))),
        _ => Ok(device),
    }
}

#[cfg(feature = "gpu")]
fn is_software(adapter: &str) -> bool {
    let name = adapter.to_lowercase();
    ["llvmpipe", "swiftshader", "software", "basic render"].iter().any(|mark| name.contains(mark))
}

#[cfg(feature = "gpu")]
fn gpus() -> Vec<DeviceInfo> {
    let info = |(about, usable)| DeviceInfo { name: "gpu".into(), about, usable };
    let found = match open_gpu(0) {
        Ok(device) => (device.identity().map_or("graphics card".into(), |i| i.name), true),
        Err(reason) => (reason.to_string(), false),
    };
    vec![info(found)]
}

/// How to get what is not compiled in.
#[cfg(not(feature = "gpu"))]
const NO_GPU: &str =
    "this program was built without graphics cards; build one with `cargo build --release --features gpu`";

#[cfg(not(feature = "gpu"))]
fn open_gpu(index: usize) -> Result<Device, ModelError> {
    Err(ModelError::UnknownDevice { name: format!("gpu:{index}"), known: NO_GPU.to_owned() })
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
        assert!(devices().iter().filter(|d| d.usable).count() >= 2);
    }
}
