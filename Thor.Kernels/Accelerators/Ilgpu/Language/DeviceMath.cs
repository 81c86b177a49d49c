using System.Diagnostics;
using System.Reflection;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace Thor.Kernels.Accelerators.Ilgpu.Language;

/// <summary>
/// What methods of .NET mean on ILGPU's devices where ILGPU has no meaning for them or another than C#: one rounding of fused
/// multiply-adds, NaN through <c>Max</c> and <c>Min</c>, bits as unsigned integers.
/// </summary>
internal static class DeviceMath
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly MethodInfo s_multiplyAdd = Method(typeof(DeviceMath), nameof(MultiplyAdd));

    // ILGPU keeps its table of replaced methods for the process.
    static DeviceMath()
    {
        Replace(Method(typeof(MathF), nameof(MathF.FusedMultiplyAdd)), s_multiplyAdd);
        Replace(Method(typeof(MathF), nameof(MathF.Max)), Method(typeof(DeviceMath), nameof(Max)));
        Replace(Method(typeof(MathF), nameof(MathF.Min)), Method(typeof(DeviceMath), nameof(Min)));
        Replace(Method(typeof(BitConverter), nameof(BitConverter.SingleToUInt32Bits)), Method(typeof(ILGPU.Interop), nameof(ILGPU.Interop.FloatAsInt), typeof(float)));
        Replace(Method(typeof(BitConverter), nameof(BitConverter.UInt32BitsToSingle)), Method(typeof(ILGPU.Interop), nameof(ILGPU.Interop.IntAsFloat), typeof(uint)));
    }

    /// <summary>Teaches the backends of a context the instruction of <see cref="MultiplyAdd"/>.</summary>
    public static void Enable(IntrinsicImplementationManager intrinsics)
    {
        intrinsics.RegisterMethod(s_multiplyAdd, new PTXIntrinsic(typeof(DeviceMath), nameof(PrintPtx), IntrinsicImplementationMode.GenerateCode));
        intrinsics.RegisterMethod(s_multiplyAdd, new CLIntrinsic(typeof(DeviceMath), nameof(PrintOpenCL), IntrinsicImplementationMode.GenerateCode));
    }

    [IntrinsicImplementation]
    private static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    private static float Max(float a, float b) => float.IsNaN(a) || a > b ? a : b;

    private static float Min(float a, float b) => float.IsNaN(a) || a < b ? a : b;

    private static void PrintPtx(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        Debug.Assert(value is MethodCall { Count: 3 }, "A call of MultiplyAdd.");
        MethodCall call = (MethodCall)value;
        RegisterAllocator<PTXRegisterKind>.PrimitiveRegister a = generator.LoadPrimitive(call[0]);
        RegisterAllocator<PTXRegisterKind>.PrimitiveRegister b = generator.LoadPrimitive(call[1]);
        RegisterAllocator<PTXRegisterKind>.PrimitiveRegister c = generator.LoadPrimitive(call[2]);
        RegisterAllocator<PTXRegisterKind>.HardwareRegister target = generator.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(target);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    private static void PrintOpenCL(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        Debug.Assert(value is MethodCall { Count: 3 }, "A call of MultiplyAdd.");
        MethodCall call = (MethodCall)value;
        CLCodeGenerator.Variable target = generator.Allocate(value);
        using CLCodeGenerator.StatementEmitter statement = generator.BeginStatement(target);
        statement.AppendCommand("fma");
        statement.BeginArguments();
        foreach (ValueReference argument in call)
        {
            statement.AppendArgument(generator.Load(argument));
        }

        statement.EndArguments();
    }

    private static void Replace(MethodInfo method, MethodInfo replacement) =>
        RemappedIntrinsics.AddRemapping(method, (ref InvocationContext context) => context.Method = replacement);

    private static MethodInfo Method(Type type, string name, params Type[] parameters) =>
        (parameters.Length == 0 ? type.GetMethod(name, Static) : type.GetMethod(name, Static, parameters))
        ?? throw new MissingMethodException(type.FullName, name);
}
