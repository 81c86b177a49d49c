using System.Reflection;
using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Kernels keep to what ILGPU, whose model they follow, takes as arguments.</summary>
public sealed class KernelParameterTests
{
    private const int MostParametersOfIlgpu = 14;

    [Fact]
    public void Kernels_Parameters_AreOfKindsAndNumbersThatIlgpuTakes()
    {
        Type[] launchers = [.. typeof(KernelSource).Assembly.GetTypes().Where(static type => type.IsValueType && type.IsAssignableTo(typeof(IKernel)))];
        Assert.Equal(Thor.Kernels.KernelCatalog.All.Count, launchers.Length);
        foreach (Type launcher in launchers)
        {
            ParameterInfo[] parameters = [.. launcher.GetConstructors().SelectMany(static constructor => constructor.GetParameters())];
            Assert.True(parameters.Length <= MostParametersOfIlgpu, $"{launcher.Name} has {parameters.Length} parameters; ILGPU takes {MostParametersOfIlgpu}.");
            Assert.DoesNotContain(parameters, static parameter => parameter.ParameterType == typeof(bool));
        }
    }
}
