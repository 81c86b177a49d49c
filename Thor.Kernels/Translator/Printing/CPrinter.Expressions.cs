using System.Collections.Generic;
using System.Linq;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Printing;

/// <content>Expressions, which dialects share, with no more parentheses than readers want.</content>
internal abstract partial class CPrinter
{
    protected const int Postfix = 15;
    protected const int Prefix = 14;
    private const int Multiplicative = 13;
    private const int Additive = 12;
    private const int Shifts = 11;
    private const int Relational = 10;
    private const int Equality = 9;
    private const int BitAnd = 8;
    private const int BitXor = 7;
    private const int BitOr = 6;
    private const int LogicalAnd = 5;
    private const int LogicalOr = 4;
    private const int Choice = 3;
    private const int Lowest = 0;

    protected static string Operator(BinaryOperator kind) => kind switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Remainder => "%",
        BinaryOperator.And => "&",
        BinaryOperator.Or => "|",
        BinaryOperator.Xor => "^",
        BinaryOperator.ShiftLeft => "<<",
        BinaryOperator.ShiftRight or BinaryOperator.ShiftRightLogical => ">>",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.AndAlso => "&&",
        _ => "||",
    };

    protected abstract string RemainderText(string a, string b);

    /// <summary>An expression, in parentheses if it binds less than its neighbour.</summary>
    protected string Text(Expression expression, int neighbour = Lowest)
    {
        string text = Bare(expression, out int precedence);
        return precedence < neighbour ? $"({text})" : text;
    }

    private static int Precedence(BinaryOperator kind) => kind switch
    {
        BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.Remainder => Multiplicative,
        BinaryOperator.Add or BinaryOperator.Subtract => Additive,
        BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight or BinaryOperator.ShiftRightLogical => Shifts,
        BinaryOperator.Equal or BinaryOperator.NotEqual => Equality,
        BinaryOperator.And => BitAnd,
        BinaryOperator.Xor => BitXor,
        BinaryOperator.Or => BitOr,
        BinaryOperator.AndAlso => LogicalAnd,
        BinaryOperator.OrElse => LogicalOr,
        _ => Relational,
    };

    private string Bare(Expression expression, out int precedence)
    {
        precedence = Postfix;
        switch (expression)
        {
            case Literal literal:
                string number = LiteralText(literal);
                precedence = number[0] == '-' ? Prefix : Postfix;
                return number;
            case VariableValue { Variable: { Role: VariableRole.Reference } variable }:
                precedence = Prefix;
                return "*" + Name(variable);
            case VariableValue value:
                return Name(value.Variable);
            case SpecializedConstant constant:
                return CNames.Macro(constant.Name);
            case LaunchIndex index:
                precedence = Prefix;
                return $"({ScalarName(ScalarKind.Int32)}){LaunchText(index.Value, index.Axis)}";
            case Unary unary:
                precedence = Prefix;
                return UnaryText(unary);
            case Binary binary:
                return BinaryText(binary, out precedence);
            case Conditional choice:
                precedence = Choice;
                return $"{Text(choice.Condition, Choice + 1)} ? {Text(choice.WhenTrue, Choice + 1)} : {Text(choice.WhenFalse, Choice)}";
            case Conversion conversion:
                return ConversionText(conversion, out precedence);
            case FieldValue field:
                return FieldText(field);
            case LaneValue lane:
                return $"{Text(lane.Target, Postfix)}.{LaneText(lane)}";
            case Element element:
                return $"{Text(element.View, Postfix)}[{Text(element.Index)}]";
            case Splat splat:
                return SplatText(Text(splat.Value), splat.Vector);
            case VectorValue vector:
                return VectorText(vector.Lanes.Select(l => Text(l)).ToList(), vector.Vector);
            case StructValue value:
                return StructText(value.Struct, value.Fields.Select(f => Text(f)).ToList());
            case DefaultValue value:
                return DefaultText(value.Type);
            case Call call:
                return CallText(call);
            case Reference reference:
                return ReferenceText(reference, out precedence);
            case IntrinsicCall call:
                return IntrinsicText(call);
            case ViewValue view:
                return Name(view.Variable);
            case ViewOffset offset:
                precedence = Additive;
                return $"{Text(offset.View, Additive)} + {Text(offset.Index, Additive + 1)}";
            case ViewCast cast:
                precedence = Prefix;
                return $"({TypeName(cast.Type)}){Text(cast.View, Prefix)}";
            case DynamicShared dynamic:
                precedence = Prefix;
                return $"({TypeName(dynamic.Type)}){DynamicSharedText}";
            case LengthValue length:
                return CNames.Length(length.Variable.Name);
            default:
                throw new System.InvalidOperationException($"{expression.GetType().Name} has no text.");
        }
    }

    protected string LiteralText(Literal literal)
    {
        object value = literal.Value;
        System.IFormatProvider culture = System.Globalization.CultureInfo.InvariantCulture;
        switch (((ScalarType)literal.Type).Kind)
        {
            case ScalarKind.Bool:
                return value is true ? "true" : "false";
            case ScalarKind.Single:
                float number = System.Convert.ToSingle(value, culture);
                return float.IsNaN(number) || float.IsInfinity(number) ? BitsText(CLiterals.Bits(number)) : CLiterals.Float(number);
            case ScalarKind.UInt32:
                return CLiterals.UInt(System.Convert.ToUInt32(value, culture));
            case ScalarKind.Int64:
                return CLiterals.Long(System.Convert.ToInt64(value, culture), LongSuffix);
            case ScalarKind.UInt64:
                return CLiterals.ULong(System.Convert.ToUInt64(value, culture), LongSuffix);
            default:
                return CLiterals.Int(System.Convert.ToInt32(value, culture));
        }
    }

    private string UnaryText(Unary unary)
    {
        string operand = Text(unary.Operand, Prefix);
        string sign = unary.Operator switch
        {
            UnaryOperator.Negate => "-",
            UnaryOperator.Complement => "~",
            _ => "!",
        };
        return sign == "-" && operand[0] == '-' ? $"-({operand})" : sign + operand;
    }

    private string BinaryText(Binary binary, out int precedence)
    {
        if (binary.Operator == BinaryOperator.Remainder && binary.Type is ScalarType { IsFloat: true })
        {
            precedence = Postfix;
            return RemainderText(Text(binary.Left), Text(binary.Right));
        }

        if (binary.Type is VectorType vector)
        {
            NoteVectorOperator(binary.Operator, vector.Lanes);
        }

        if (binary.Operator == BinaryOperator.ShiftRightLogical)
        {
            ScalarKind unsigned = binary.Type.Size == 8 ? ScalarKind.UInt64 : ScalarKind.UInt32;
            precedence = Prefix;
            return $"({TypeName(binary.Type)})(({ScalarName(unsigned)}){Text(binary.Left, Prefix)} >> {Text(binary.Right, Shifts + 2)})";
        }

        precedence = Precedence(binary.Operator);
        int left = precedence;
        int right = precedence + 1;

        // Mixed shifts, bits and comparisons are hard to read without parentheses, and compilers warn of them.
        if (precedence is Shifts or BitAnd or BitXor or BitOr or Equality or Relational)
        {
            bool compares = precedence is Equality or Relational;
            left = binary.Left is Binary { Operator: BinaryOperator inner } && inner == binary.Operator && !compares ? precedence : compares ? Additive : Prefix;
            right = compares ? Additive : Prefix;
        }
        else if (precedence == LogicalOr)
        {
            left = binary.Left is Binary { Operator: BinaryOperator.OrElse } ? precedence : LogicalAnd + 1;
            right = LogicalAnd + 1;
        }

        return $"{Text(binary.Left, left)} {Operator(binary.Operator)} {Text(binary.Right, right)}";
    }

    private string ConversionText(Conversion conversion, out int precedence)
    {
        ScalarType to = (ScalarType)conversion.Type;
        if (conversion.Operand.Type is ScalarType { IsFloat: true } && !to.IsFloat)
        {
            ScalarKind direct = to.Size < 4 ? ScalarKind.Int32 : to.Kind;
            string saturated = FloatToIntegerText(Text(conversion.Operand), direct);
            precedence = direct == to.Kind ? Postfix : Prefix;
            return direct == to.Kind ? saturated : $"({ScalarName(to.Kind)}){saturated}";
        }

        precedence = Prefix;
        return $"({ScalarName(to.Kind)}){Text(conversion.Operand, Prefix)}";
    }

    private string FieldText(FieldValue field) => field.Target is VariableValue { Variable: { Role: VariableRole.Reference } variable }
        ? $"{Name(variable)}->{CNames.Field(field.Field)}"
        : $"{Text(field.Target, Postfix)}.{CNames.Field(field.Field)}";

    protected static string LaneText(LaneValue lane) => lane.Target.Type is VectorType { Lanes: <= 4 }
        ? "xyzw".Substring(lane.Lane, 1)
        : "s" + lane.Lane.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private string ReferenceText(Reference reference, out int precedence)
    {
        if (reference.Target is VariableValue { Variable: { Role: VariableRole.Reference } variable })
        {
            precedence = Postfix;
            return Name(variable);
        }

        precedence = Prefix;
        return "&" + Text(reference.Target, Prefix);
    }

    private string CallText(Call call)
    {
        List<string> arguments = new();
        if (call.Function.HasShuffles && ExchangeArgument is string exchange)
        {
            arguments.Add(exchange);
        }

        arguments.AddRange(call.Arguments.Select(a => Text(a)));
        return $"{CNames.Function(call.Function.Name)}({string.Join(", ", arguments)})";
    }
}
