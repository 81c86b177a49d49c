extern alias ilgpu;

using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Values;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using ilgpu::Thor.Kernels.Accelerators.Ilgpu;
using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Ilgpu;

/// <summary>ILGPU translates every kernel that holds no PTX of ours, without a device: its processor runs the C# itself and would not show.</summary>
public sealed class IlgpuCatalogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Kernels_OfTheCatalog_AreTranslatedByIlgpu(bool openCL)
    {
        using Context context = IlgpuAccelerator.NewContext();
        using Backend backend = openCL
            ? new CLBackend(context, new CLCapabilityContext(float16: false, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: true), CLDeviceVendor.Other, CLCVersion.CL20)
            : new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null);
        int fused = 0;
        foreach (KernelSource source in Thor.Kernels.KernelCatalog.All.Where(static source => !source.HasPtx))
        {
            MethodInfo? method = IlgpuKernels.Find(source);
            Assert.True(method is not null, $"{source.Name} was not compiled against ILGPU: is its file in Thor.Kernels.Ilgpu.csproj?");
            int[] values = source.Variants.Count > 0 ? source.Variants[0] : [.. Enumerable.Repeat(1, source.Specialized.Count)];
            string text = Translate(backend, method, values) switch
            {
                PTXCompiledKernel ptx => ptx.PTXAssembly,
                CompiledKernel kernel => ((CLCompiledKernel)kernel).Source,
            };
            Assert.Contains(openCL ? "kernel void" : ".entry", text, StringComparison.Ordinal);
            fused += text.Contains(openCL ? " fma (" : "fma.rn.f32", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(fused > 20, $"only {fused} kernels multiply and add with one rounding");
    }

    // What ILGPU does at the first launch with specialised values: a kernel that calls the kernel with constants, optimised.
    private static CompiledKernel Translate(Backend backend, MethodInfo method, int[] values)
    {
        EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(method);
        if (values.Length == 0)
        {
            return backend.Compile(entry, KernelSpecialization.Empty);
        }

        using IRContext scope = backend.PreCompileKernelMethod(entry).ExtractToContext(out Method kernel);
        Method caller = scope.Declare(new MethodDeclaration(MethodHandle.Create("Specialized"), scope.VoidType), out _);
        kernel.AddFlags(MethodFlags.Inline);
        using (Method.Builder builder = caller.CreateBuilder())
        {
            MethodCall.Builder call = builder.EntryBlockBuilder.CreateCall(caller.Location, kernel);
            int next = 0;
            for (int i = 0; i < kernel.NumParameters; i++)
            {
                Parameter parameter = builder.AddParameter(kernel.Parameters[i].Type, kernel.Parameters[i].Name);
                bool isConstant = next < values.Length && entry.Parameters.SpecializedParameters[next].Index == i - entry.KernelIndexParameterOffset;
                call.Add(isConstant ? builder.EntryBlockBuilder.CreateObjectValue(caller.Location, SpecializedValue.New(values[next++])) : parameter);
            }

            call.Seal();
            builder.EntryBlockBuilder.CreateReturn(caller.Location);
            builder.Complete();
        }

        scope.Optimize();
        return backend.Compile(caller, entry, KernelSpecialization.Empty);
    }
}
