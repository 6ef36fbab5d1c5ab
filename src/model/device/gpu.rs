//! Graphics cards through wgpu: which there are, and opening each of them once.
//!
//! OpenGL is left out: where it is all that a card has, wgpu's lock around its context fails as soon as
//! a network runs on two threads.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use burn::tensor::wgpu::{WgpuBackend, wgpu};
use burn::tensor::{Device, DeviceKind};

/// A graphics card, or a program that stands in for one.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    /// Its name, the interface it is reached by, and its driver.
    pub about: String,
    /// The most that a tensor of it can hold and that a group of its threads shares.
    pub limits: String,
    /// Whether the processor does its work.
    pub is_software: bool,
    kind: DeviceKind,
    api: WgpuBackend,
}

/// What is said where there is none.
pub(super) const NONE: &str = "this machine has no graphics card with a Vulkan, Metal or DirectX 12 driver";

/// Every adapter of this machine, real cards first; the number of one is its place.
pub(super) fn adapters() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(find)
}

/// Opens the adapter of that number, or gives the device again that it was opened as.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn open(index: usize) -> Result<(Device, &'static Adapter), String> {
    /// Burn refuses to set an adapter up twice.
    static OPENED: Mutex<Vec<(usize, Device)>> = Mutex::new(Vec::new());
    let Some(adapter) = adapters().get(index) else {
        return Err(match adapters().len() {
            0 => NONE.into(),
            1 => "this machine has one graphics card, `gpu`".into(),
            count => format!("this machine has {count} graphics cards, `gpu:0` to `gpu:{}`", count - 1),
        });
    };
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, device)) = opened.iter().find(|(number, _)| *number == index) {
        return Ok((device.clone(), adapter));
    }
    let options = Device::wgpu_options().device_kind(adapter.kind.clone()).graphics_api(adapter.api);
    let device = options.init().map_err(|error| format!("{}: {error}", adapter.about))?;
    opened.push((index, device.clone()));
    Ok((device, adapter))
}

fn find() -> Vec<Adapter> {
    let apis = [
        (wgpu::Backends::VULKAN, WgpuBackend::Vulkan, "Vulkan"),
        (wgpu::Backends::METAL, WgpuBackend::Metal, "Metal"),
        (wgpu::Backends::DX12, WgpuBackend::Dx12, "DirectX 12"),
    ];
    let mut found: Vec<(u8, Adapter)> =
        apis.into_iter().flat_map(|(set, api, name)| of(set, api, name)).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, adapter)| adapter).collect()
}

/// What one interface reaches, each with its rank: cards of their own come before those inside a
/// processor.
fn of(set: wgpu::Backends, api: WgpuBackend, name: &str) -> Vec<(u8, Adapter)> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: set,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut counts = [0; 5];
    let describe = |adapter: wgpu::Adapter| {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let rank = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Other => 3,
            wgpu::DeviceType::Cpu => 4,
        };
        let number = counts[usize::from(rank)];
        counts[usize::from(rank)] += 1;
        let kind = match rank {
            0 => DeviceKind::DiscreteGpu(number),
            1 => DeviceKind::IntegratedGpu(number),
            2 => DeviceKind::VirtualGpu(number),
            3 => DeviceKind::DefaultDevice,
            _ => DeviceKind::Cpu,
        };
        let driver = [info.driver.as_str(), info.driver_info.as_str()].join(" ");
        let about = format!("{} ({name}, driver {})", info.name, driver.trim());
        let largest = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let limits = format!(
            "tensors up to {}, {} threads and {} KiB shared a workgroup",
            bytes(largest),
            limits.max_compute_invocations_per_workgroup,
            limits.max_compute_workgroup_storage_size / 1024,
        );
        (rank, Adapter { about, limits, is_software: rank == 4, kind, api })
    };
    at_once(instance.enumerate_adapters(set)).unwrap_or_default().into_iter().map(describe).collect()
}

fn bytes(count: u64) -> String {
    match count {
        0x4000_0000.. => format!("{:.1} GiB", count as f64 / f64::from(1 << 30)),
        _ => format!("{} MiB", count >> 20),
    }
}

/// What a future gives that has nothing to wait for, as wgpu's have outside of browsers.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
