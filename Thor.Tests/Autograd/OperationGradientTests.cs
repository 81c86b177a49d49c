using Thor.Autograd;
using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Autograd;

/// <summary>
/// First and second derivatives of every operation against central differences in float64. The second-order check compares
/// the recorded (composed) backward functions with the ordinary (fused) ones.
/// </summary>
public sealed class OperationGradientTests
{
    private static readonly Dictionary<string, OperationCase> s_cases = OperationCases.All().ToDictionary(static c => c.Name);

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_FirstDerivative_AgreesWithCentralDifferences(string name) => GradientCheck.Run(s_cases[name].Function, s_cases[name].Inputs());

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_SecondDerivative_AgreesWithCentralDifferences(string name) =>
        GradientCheck.RunSecondOrder(s_cases[name].Function, s_cases[name].Inputs());

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_FusedBackward_EqualsRecordedBackward(string name)
    {
        using TensorScope scope = TensorScope.Begin();
        Variable[] inputs = Array.ConvertAll(s_cases[name].Inputs(), static t => new Variable(t, requiresGradient: true));
        Variable result = s_cases[name].Function(inputs);
        Variable seed = Tensor.From([.. Enumerable.Range(1, (int)result.Value.Length).Select(static i => Math.Sin(i))], result.Shape);

        Variable[] fused = Gradients.Of(result, inputs, seed);
        Variable[] recorded = Gradients.Of(result, inputs, seed, createGraph: true);

        for (int i = 0; i < inputs.Length; i++)
        {
            double[] a = fused[i].Value.ToArray<double>();
            double[] b = recorded[i].Value.ToArray<double>();
            Assert.Equal(inputs[i].Shape, fused[i].Shape);
            Assert.Equal(inputs[i].Shape, recorded[i].Shape);
            for (int e = 0; e < a.Length; e++)
            {
                // Both are a few dozen float64 operations on numbers near 1; batch norm divides by a small deviation.
                Assert.True(Math.Abs(a[e] - b[e]) <= 1e-11 * Math.Max(1, Math.Abs(a[e])), $"input {i}, element {e}: {a[e]:R} and {b[e]:R}");
            }
        }
    }
}
