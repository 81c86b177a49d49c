using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Printing;

/// <summary>CUDA C, without includes: for NVRTC, and for clang with no CUDA beside it.</summary>
internal sealed class CudaPrinter : CPrinter
{
    public CudaPrinter(KernelTree tree)
        : base(tree, CudaSnippets.All)
    {
    }

    protected override string HelperPrefix => "static __device__ __forceinline__";

    protected override string BarrierText => "__syncthreads();";

    protected override string LongSuffix => "ll";

    protected override string DynamicSharedText => "th_dynamic";

    protected override void PrintPreamble()
    {
    }

    protected override void PrintStruct(StructType type)
    {
        string name = CNames.Struct(type.Name);
        Writer.Line("struct " + name);
        Writer.Open();
        foreach (StructField field in type.Fields)
        {
            Writer.Line($"{TypeName(field.Type)} {CNames.Field(field.Name)};");
        }

        Writer.Close(";");
        Writer.Line($"static_assert(sizeof({name}) == {type.Size.ToString(CultureInfo.InvariantCulture)}, \"{name} is laid out as in C#\");");
    }

    protected override void PrintKernelHead()
    {
        List<string> parameters = new();
        foreach (Variable parameter in Tree.Entry.Parameters.Where(p => !p.IsSpecialized))
        {
            if (parameter.Type is ViewType view)
            {
                string restrict = view.Space == MemorySpace.ReadOnly ? " __restrict__" : string.Empty;
                parameters.Add($"{PointerName(view.Element, view.Space)}{restrict} {Name(parameter)}");
                if (parameter.IsLengthUsed)
                {
                    parameters.Add(LengthParameter(parameter));
                }
            }
            else
            {
                bool isFlag = parameter.Type is ScalarType { Kind: ScalarKind.Bool };
                parameters.Add($"{(isFlag ? "int" : TypeName(parameter.Type))} {Name(parameter)}");
            }
        }

        string bounds = Tree.MaxGroupSize == 0 ? string.Empty
            : Tree.MinGroupsPerMultiprocessor == 0 ? $" __launch_bounds__({Number(Tree.MaxGroupSize)})"
            : $" __launch_bounds__({Number(Tree.MaxGroupSize)}, {Number(Tree.MinGroupsPerMultiprocessor)})";
        Writer.Line($"extern \"C\" __global__ void{bounds} {CNames.Function(Tree.Entry.Name)}({string.Join(", ", parameters)})");
        Writer.Open();
        if (Tree.UsesDynamicShared)
        {
            Writer.Line("alignas(128) extern __shared__ unsigned char th_dynamic[];");
        }
    }

    protected override void PrintPtx(Function function)
    {
        bool returns = function.ReturnType is not VoidType;
        List<string> outputs = new();
        List<string> inputs = new();
        List<string> addresses = new();
        Dictionary<int, int> numbers = new();
        if (returns)
        {
            outputs.Add($"\"={Constraint(function.ReturnType)}\"(result)");
            numbers[0] = 0;
        }

        int first = returns ? 1 : 0;
        for (int i = 0; i < function.Parameters.Count; i++)
        {
            Variable parameter = function.Parameters[i];
            if (parameter.Role == VariableRole.Reference)
            {
                numbers[first + i] = outputs.Count;
                outputs.Add($"\"+{Constraint(parameter.Type)}\"(*{Name(parameter)})");
            }
        }

        for (int i = 0; i < function.Parameters.Count; i++)
        {
            Variable parameter = function.Parameters[i];
            if (parameter.Role == VariableRole.Reference)
            {
                continue;
            }

            numbers[first + i] = outputs.Count + inputs.Count;
            if (parameter.Type is ViewType view)
            {
                bool isShared = view.Space == MemorySpace.Shared;
                string address = isShared ? $"{Use("th_shared_address")}({Name(parameter)})" : $"{Use("th_global_address")}({Name(parameter)})";
                inputs.Add($"\"{(isShared ? "r" : "l")}\"({address})");
            }
            else
            {
                inputs.Add($"\"{Constraint(parameter.Type)}\"({Name(parameter)})");
            }
        }

        PtxText ptx = function.Ptx!; // this method prints PTX only
        string text = Regex.Replace(ptx.Text, "%([0-9]+)", m => numbers.TryGetValue(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), out int number)
            ? "%" + Number(number)
            : m.Value);
        text = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", string.Empty).Replace("\n", "\\n");

        // What works on a warp or on memory stays where it is.
        bool stays = ptx.TouchesMemory || outputs.Count == 0 || ptx.Text.Contains(".sync");
        string clobber = ptx.TouchesMemory ? " : \"memory\"" : string.Empty;
        Writer.Line(FunctionHead(function));
        Writer.Open();
        if (returns)
        {
            Writer.Line(TypeName(function.ReturnType) + " result;");
        }

        Writer.Line($"asm{(stays ? " volatile" : string.Empty)}(\"{text}\" : {string.Join(", ", outputs)} : {string.Join(", ", inputs)}{clobber});");
        if (returns)
        {
            Writer.Line("return result;");
        }

        Writer.Close();
    }

    protected override string ScalarName(ScalarKind kind) => kind switch
    {
        ScalarKind.Bool => "bool",
        ScalarKind.SByte => "signed char",
        ScalarKind.Byte => "unsigned char",
        ScalarKind.Int16 => "short",
        ScalarKind.UInt16 => "unsigned short",
        ScalarKind.Int32 => "int",
        ScalarKind.UInt32 => "unsigned int",
        ScalarKind.Int64 => "long long",
        ScalarKind.UInt64 => "unsigned long long",
        _ => "float",
    };

    protected override string VectorName(int lanes) => Use("th_float" + Number(lanes));

    protected override string PointerName(KernelType element, MemorySpace space) =>
        space == MemorySpace.ReadOnly ? $"const {TypeName(element)}*" : $"{TypeName(element)}*";

    protected override string ArrayText(KernelType element, string name, string length, MemorySpace space)
    {
        string prefix = space == MemorySpace.Shared ? "__shared__ " : string.Empty;
        return $"alignas({Number(Tree.ArrayAlignment)}) {prefix}{TypeName(element)} {name}[{length}]";
    }

    protected override string LaunchText(LaunchValue value, int axis)
    {
        string variable = value switch
        {
            LaunchValue.GroupIndex => "blockIdx",
            LaunchValue.GroupCount => "gridDim",
            LaunchValue.ThreadIndex => "threadIdx",
            _ => "blockDim",
        };
        return $"{variable}.{"xyz"[axis]}";
    }

    protected override string BitsText(uint bits) => $"__uint_as_float({CLiterals.Hex(bits)})";

    protected override string FloatToIntegerText(string value, ScalarKind kind) => kind switch
    {
        ScalarKind.Int32 => $"{Use("th_to_int")}({value})",
        ScalarKind.UInt32 => $"{Use("th_to_uint")}({value})",
        ScalarKind.Int64 => $"{Use("th_to_long")}({value})",
        _ => $"{Use("th_to_ulong")}({value})",
    };

    protected override string RemainderText(string a, string b) => $"{Use("fmodf")}({a}, {b})";

    protected override string FenceText(FenceScope scope) =>
        scope == FenceScope.Group ? "asm volatile(\"membar.cta;\" : : : \"memory\");" : "asm volatile(\"membar.gl;\" : : : \"memory\");";

    protected override string PrefetchText(string element) => $"asm volatile(\"prefetch.global.L2 [%0];\" : : \"l\"(&{element}));";

    protected override string SplatText(string value, VectorType vector) => $"{Use(VectorName(vector.Lanes) + "_splat")}({value})";

    protected override string VectorText(IReadOnlyList<string> lanes, VectorType vector) => $"{VectorName(vector.Lanes)}{{{string.Join(", ", lanes)}}}";

    protected override string DefaultText(KernelType type) => type switch
    {
        StructType or VectorType => TypeName(type) + "{}",
        ScalarType { Kind: ScalarKind.Bool } => "false",
        ScalarType { IsFloat: true } => "0.0f",
        _ => "0",
    };

    protected override string StructText(StructType type, IReadOnlyList<string> fields) => $"{TypeName(type)}{{{string.Join(", ", fields)}}}";

    protected override void NoteVectorOperator(BinaryOperator kind, int lanes) => Use($"{VectorName(lanes)}_{kind}");

    protected override string IntrinsicText(IntrinsicCall call)
    {
        List<string> arguments = call.Arguments.Select(a => Text(a)).ToList();
        KernelType first = call.Arguments.Count > 0 ? call.Arguments[0].Type : call.Type;
        string wide = first.Size == 8 ? "_long" : string.Empty;
        bool isFloat = call.Type is ScalarType { IsFloat: true };
        switch (call.Intrinsic)
        {
            case Intrinsic.Abs:
                return isFloat ? $"fabsf({arguments[0]})" : Apply("th_abs" + Suffix(call.Type), arguments);
            case Intrinsic.Max:
                return Apply("th_max" + Suffix(call.Type), arguments);
            case Intrinsic.Min:
                return Apply("th_min" + Suffix(call.Type), arguments);
            case Intrinsic.Clamp:
                return Apply("th_clamp" + Suffix(call.Type), arguments);
            case Intrinsic.FusedMultiplyAdd:
                return call.Type is VectorType vector ? Apply(VectorName(vector.Lanes) + "_fma", arguments) : Plain("fmaf", arguments);
            case Intrinsic.FloatToBits:
                return Plain(call.Type == KernelType.UInt ? "__float_as_uint" : "__float_as_int", arguments);
            case Intrinsic.BitsToFloat:
                return Plain(first == KernelType.UInt ? "__uint_as_float" : "__int_as_float", arguments);
            case Intrinsic.Floor:
                return Plain("floorf", arguments);
            case Intrinsic.Ceiling:
                return Plain("ceilf", arguments);
            case Intrinsic.Truncate:
                return Plain("truncf", arguments);
            case Intrinsic.Round:
                return Plain("rintf", arguments);
            case Intrinsic.CopySign:
                return Plain("copysignf", arguments);
            case Intrinsic.LeadingZeroCount:
                return Apply("th_leading_zeros" + wide, arguments);
            case Intrinsic.TrailingZeroCount:
                return Apply("th_trailing_zeros" + wide, arguments);
            case Intrinsic.PopCount:
                return Apply("th_pop_count" + wide, arguments);
            case Intrinsic.RotateLeft:
                return Apply("th_rotate" + wide, arguments);
            case Intrinsic.RotateRight:
                return $"{Use("th_rotate" + wide)}({arguments[0]}, -({arguments[1]}))";
            case Intrinsic.IsNegative:
                return $"(__float_as_int({arguments[0]}) < 0)";
            case Intrinsic.Shuffle or Intrinsic.ShuffleDown or Intrinsic.ShuffleUp or Intrinsic.ShuffleXor:
                return Shuffle(call.Intrinsic, arguments, isFloat);
            case Intrinsic.AtomicAdd:
                return Apply("th_atomic_add" + Suffix(call.Type), arguments);
            default:
                return Apply(FunctionName(call.Intrinsic), arguments);
        }
    }

    private static string Plain(string function, IEnumerable<string> arguments) => $"{function}({string.Join(", ", arguments)})";

    private string Apply(string function, IEnumerable<string> arguments) => $"{Use(function)}({string.Join(", ", arguments)})";

    private string Shuffle(Intrinsic kind, List<string> arguments, bool isFloat)
    {
        Use("th_shuffle");
        string source = kind switch
        {
            Intrinsic.ShuffleDown => $"th_linear_index() % 32 + ({arguments[1]})",
            Intrinsic.ShuffleUp => $"th_linear_index() % 32 - ({arguments[1]})",
            Intrinsic.ShuffleXor => $"th_linear_index() % 32 ^ ({arguments[1]})",
            _ => arguments[1],
        };
        return isFloat
            ? $"__int_as_float(th_shuffle(__float_as_int({arguments[0]}), {source}))"
            : $"th_shuffle({arguments[0]}, {source})";
    }

    private static string Suffix(KernelType type) => type is ScalarType scalar
        ? scalar.Kind switch
        {
            ScalarKind.Single => string.Empty,
            ScalarKind.UInt32 => "_uint",
            ScalarKind.Int64 => "_long",
            ScalarKind.UInt64 => "_ulong",
            _ => "_int",
        }
        : throw new InvalidOperationException("Vectors have no such function.");

    private static string FunctionName(Intrinsic intrinsic) => intrinsic switch
    {
        Intrinsic.Sqrt => "th_sqrt",
        Intrinsic.IsNaN => "th_is_nan",
        Intrinsic.IsFinite => "th_is_finite",
        Intrinsic.IsInfinity => "th_is_infinity",
        Intrinsic.GroupLinearIndex => "th_linear_index",
        Intrinsic.AtomicMax => "th_atomic_max",
        Intrinsic.AtomicMin => "th_atomic_min",
        Intrinsic.AtomicExchange => "th_atomic_exchange",
        Intrinsic.AtomicCompareExchange => "th_atomic_compare_exchange",
        _ => intrinsic.ToString().ToLowerInvariant() + "f", // expf, sinf, powf and so on
    };

    private static string Constraint(KernelType type) => type is ScalarType { IsFloat: true } ? "f" : type.Size == 8 ? "l" : "r";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
