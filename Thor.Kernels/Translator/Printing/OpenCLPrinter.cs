using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Printing;

/// <summary>OpenCL C 1.2, without a generic address space.</summary>
internal sealed class OpenCLPrinter : CPrinter
{
    public OpenCLPrinter(KernelTree tree)
        : base(tree, OpenCLSnippets.All)
    {
    }

    protected override string HelperPrefix => "static";

    protected override string BarrierText => "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);";

    protected override string LongSuffix => "l";

    protected override string DynamicSharedText => "th_dynamic";

    protected override string? ExchangeParameter => "__local int* th_exchange";

    protected override string? ExchangeArgument => "th_exchange";

    // Lanes of the widest registers: left alone, compilers fill half of these, which is slower where arithmetic decides.
    protected override string? IndependentHint => "#pragma clang loop vectorize_width(16)";

    // A barrier in an unrolled loop becomes many, which compilers for processors do not take well.
    protected override bool Unrolls(For loop) => loop.Unroll && !loop.HasBarrier;

    protected override void PrintPreamble() => Writer.Line("#pragma OPENCL FP_CONTRACT OFF");

    protected override void PrintStruct(StructType type)
    {
        Writer.Line("typedef struct");
        Writer.Open();
        foreach (StructField field in type.Fields)
        {
            Writer.Line($"{TypeName(field.Type)} {CNames.Field(field.Name)};");
        }

        Writer.Close($" {CNames.Struct(type.Name)};");
    }

    protected override void PrintKernelHead()
    {
        List<string> parameters = new();
        List<string> first = new();
        foreach (Variable parameter in Tree.Entry.Parameters.Where(p => !p.IsSpecialized))
        {
            if (parameter.Type is ViewType view)
            {
                string pointer = PointerName(view.Element, view.Space);
                string restrict = view.Space == MemorySpace.ReadOnly ? " restrict" : string.Empty;
                parameters.Add($"{pointer}{restrict} {CNames.Base(parameter.Name)}");
                parameters.Add($"const long {CNames.Offset(parameter.Name)}");
                if (parameter.IsLengthUsed)
                {
                    parameters.Add("const " + LengthParameter(parameter));
                }

                first.Add($"{pointer} const {Name(parameter)} = {CNames.Base(parameter.Name)} + {CNames.Offset(parameter.Name)};");
            }
            else
            {
                bool isFlag = parameter.Type is ScalarType { Kind: ScalarKind.Bool };
                parameters.Add($"{(isFlag ? "int" : TypeName(parameter.Type))} {Name(parameter)}");
            }
        }

        if (Tree.UsesDynamicShared)
        {
            // Aligned as the widest type of the language: OpenCL promises local memory that an argument names no more than what it points to needs.
            parameters.Add("__local float16* th_dynamic");
        }

        Writer.Line($"__kernel void {CNames.Function(Tree.Entry.Name)}({string.Join(", ", parameters)})");
        Writer.Open();
        if (Tree.Entry.HasShuffles)
        {
            first.Add($"__local int th_exchange[{Tree.MaxGroupSize.ToString(CultureInfo.InvariantCulture)}];");
        }

        foreach (string line in first)
        {
            Writer.Line(line);
        }

        if (first.Count > 0)
        {
            Writer.Line();
        }
    }

    protected override void PrintPtx(Function function) => throw new InvalidOperationException("Kernels with PTX have no OpenCL form.");

    protected override string ScalarName(ScalarKind kind) => kind switch
    {
        ScalarKind.Bool => "bool",
        ScalarKind.SByte => "char",
        ScalarKind.Byte => "uchar",
        ScalarKind.Int16 => "short",
        ScalarKind.UInt16 => "ushort",
        ScalarKind.Int32 => "int",
        ScalarKind.UInt32 => "uint",
        ScalarKind.Int64 => "long",
        ScalarKind.UInt64 => "ulong",
        _ => "float",
    };

    protected override string VectorName(int lanes) => "float" + lanes.ToString(CultureInfo.InvariantCulture);

    protected override string PointerName(KernelType element, MemorySpace space) => space switch
    {
        MemorySpace.Global => $"__global {TypeName(element)}*",
        MemorySpace.ReadOnly => $"__global const {TypeName(element)}*",
        MemorySpace.Shared => $"__local {TypeName(element)}*",
        _ => $"{TypeName(element)}*",
    };

    protected override string ArrayText(KernelType element, string name, string length, MemorySpace space)
    {
        string prefix = space == MemorySpace.Shared ? "__local " : string.Empty;
        return $"{prefix}{TypeName(element)} {name}[{length}] __attribute__((aligned({Tree.ArrayAlignment.ToString(CultureInfo.InvariantCulture)})))";
    }

    protected override string LaunchText(LaunchValue value, int axis)
    {
        string function = value switch
        {
            LaunchValue.GroupIndex => "get_group_id",
            LaunchValue.GroupCount => "get_num_groups",
            LaunchValue.ThreadIndex => "get_local_id",
            _ => "get_local_size",
        };
        return $"{function}({axis.ToString(CultureInfo.InvariantCulture)})";
    }

    protected override string BitsText(uint bits) => $"as_float({CLiterals.Hex(bits)})";

    protected override string FloatToIntegerText(string value, ScalarKind kind) => $"convert_{ScalarName(kind)}_sat({value})";

    protected override string RemainderText(string a, string b) => $"fmod({a}, {b})";

    protected override string FenceText(FenceScope scope) =>
        scope == FenceScope.Group ? "mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);" : "mem_fence(CLK_GLOBAL_MEM_FENCE);";

    protected override string PrefetchText(string element) => $"{Use("th_prefetch")}(&{element});";

    protected override string SplatText(string value, VectorType vector) => $"({VectorName(vector.Lanes)})({value})";

    protected override string VectorText(IReadOnlyList<string> lanes, VectorType vector) => $"({VectorName(vector.Lanes)})({string.Join(", ", lanes)})";

    protected override string DefaultText(KernelType type) => type switch
    {
        StructType => $"({TypeName(type)}){{0}}",
        VectorType vector => SplatText("0.0f", vector),
        ScalarType { Kind: ScalarKind.Bool } => "false",
        ScalarType { IsFloat: true } => "0.0f",
        _ => "0",
    };

    protected override string StructText(StructType type, IReadOnlyList<string> fields) => $"({TypeName(type)}){{{string.Join(", ", fields)}}}";

    protected override string IntrinsicText(IntrinsicCall call)
    {
        List<string> arguments = call.Arguments.Select(a => Text(a)).ToList();
        bool isFloat = call.Type is ScalarType { IsFloat: true };
        bool isWide = call.Arguments.Count > 0 && call.Arguments[0].Type.Size == 8;
        switch (call.Intrinsic)
        {
            case Intrinsic.Abs:
                return isFloat ? $"fabs({arguments[0]})" : $"({TypeName(call.Type)})abs({arguments[0]})";
            case Intrinsic.Max:
                return Apply(isFloat ? Use("th_max") : "max", arguments);
            case Intrinsic.Min:
                return Apply(isFloat ? Use("th_min") : "min", arguments);
            case Intrinsic.Clamp:
                return Apply(isFloat ? Use("th_clamp") : "clamp", arguments);
            case Intrinsic.LeadingZeroCount:
                return $"(int)clz(({(isWide ? "ulong" : "uint")})({arguments[0]}))";
            case Intrinsic.TrailingZeroCount:
                return Apply(Use(isWide ? "th_trailing_zeros_long" : "th_trailing_zeros"), arguments);
            case Intrinsic.PopCount:
                return $"(int)popcount({arguments[0]})";
            case Intrinsic.RotateLeft:
                return $"rotate({arguments[0]}, ({TypeName(call.Type)})({arguments[1]}))";
            case Intrinsic.RotateRight:
                return $"rotate({arguments[0]}, ({TypeName(call.Type)})(0 - ({arguments[1]})))";
            case Intrinsic.FloatToBits:
                return $"as_{TypeName(call.Type)}({arguments[0]})";
            case Intrinsic.BitsToFloat:
                return $"as_float({arguments[0]})";
            case Intrinsic.GroupLinearIndex:
                return Use("th_linear_index") + "()";
            case Intrinsic.IsNegative:
                return $"(as_int({arguments[0]}) < 0)";
            case Intrinsic.Shuffle or Intrinsic.ShuffleDown or Intrinsic.ShuffleUp or Intrinsic.ShuffleXor:
                return Shuffle(call.Intrinsic, arguments, isFloat);
            case Intrinsic.AtomicAdd when isFloat:
                return Apply(Use(((Reference)call.Arguments[0]).Space == MemorySpace.Shared ? "th_atomic_add_local" : "th_atomic_add_global"), arguments);
            default:
                return Apply(FunctionName(call.Intrinsic), arguments);
        }
    }

    private static string Apply(string function, IEnumerable<string> arguments) => $"{function}({string.Join(", ", arguments)})";

    private string Shuffle(Intrinsic kind, List<string> arguments, bool isFloat)
    {
        Use("th_shuffle");
        string lane = "th_linear_index() % 32";
        string source = kind switch
        {
            Intrinsic.ShuffleDown => $"{lane} + ({arguments[1]})",
            Intrinsic.ShuffleUp => $"{lane} - ({arguments[1]})",
            Intrinsic.ShuffleXor => $"({lane}) ^ ({arguments[1]})",
            _ => arguments[1],
        };
        return isFloat
            ? $"as_float(th_shuffle(th_exchange, as_int({arguments[0]}), {source}))"
            : $"th_shuffle(th_exchange, {arguments[0]}, {source})";
    }

    private static string FunctionName(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Ceiling => "ceil",
        Intrinsic.Truncate => "trunc",
        Intrinsic.Round => "rint",
        Intrinsic.FusedMultiplyAdd => "fma",
        Intrinsic.IsInfinity => "isinf",
        Intrinsic.AtomicAdd => "atomic_add",
        Intrinsic.AtomicMax => "atomic_max",
        Intrinsic.AtomicMin => "atomic_min",
        Intrinsic.AtomicExchange => "atomic_xchg",
        Intrinsic.AtomicCompareExchange => "atomic_cmpxchg",
        _ => intrinsic.ToString().ToLowerInvariant(), // sqrt, floor, exp, isnan and so on are named alike
    };
}
