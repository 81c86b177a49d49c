extern alias ilgpu;

using System.Runtime.CompilerServices;
using ilgpu::Thor.Kernels.Accelerators.Ilgpu;

namespace Thor.Tests.Ilgpu;

/// <summary>Makes ILGPU's devices known before the first test asks for one.</summary>
internal static class IlgpuRegistration
{
    [ModuleInitializer]
    internal static void Register() => IlgpuDevices.Register();
}
