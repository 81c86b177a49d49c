using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Conversions and new values.</content>
internal sealed partial class FunctionLowering
{
    private Expression Convert(IConversionOperation conversion)
    {
        if (conversion.OperatorMethod is IMethodSymbol method)
        {
            return ConvertByMethod(conversion, method);
        }

        if (conversion.IsChecked)
        {
            Diagnostics.Add(Rules.Checked, conversion.Syntax, conversion.Syntax.ToString());
        }

        if (conversion.Type is null || TypeOf(conversion) is not KernelType type)
        {
            return Nothing();
        }

        Expression operand = Value(conversion.Operand);
        return operand.Type == type ? operand : new Conversion(operand, type);
    }

    private Expression ConvertByMethod(IConversionOperation conversion, IMethodSymbol method)
    {
        INamedTypeSymbol container = method.ContainingType;
        if (container.IsSpecialized())
        {
            return Value(conversion.Operand);
        }

        if (container.IsInDialect() && TypeOf(conversion) is KernelType target)
        {
            Expression operand = Value(conversion.Operand);
            if (operand.Type is StructType { Fields.Count: 1 } index && target is ScalarType)
            {
                return new FieldValue(operand, index.Fields[0].Name, target);
            }

            if (operand.Type is ScalarType && target is StructType type)
            {
                List<Expression> fields = new() { operand };
                while (fields.Count < type.Fields.Count)
                {
                    fields.Add(new Literal(KernelType.Int, 1));
                }

                return new StructValue(fields, type);
            }
        }

        return CallHelper(method, new[] { conversion.Operand }, conversion.Syntax);
    }

    private Expression Creation(IObjectCreationOperation creation)
    {
        if (creation.Type?.IsValueType != true)
        {
            Diagnostics.Add(Rules.Allocation, creation.Syntax, creation.Syntax.ToString().Split('\n')[0].Trim());
            return Nothing();
        }

        if (TypeOf(creation) is not KernelType type)
        {
            return Nothing();
        }

        Expression value;
        if (creation.Arguments.Length == 0 || creation.Constructor is null)
        {
            value = new DefaultValue(type);
        }
        else if (type is VectorType vector)
        {
            _kernel.CountVector(vector);
            value = new VectorValue(Ordered(creation), vector);
        }
        else if (type is StructType index && creation.Type!.IsInDialect())
        {
            value = new StructValue(Ordered(creation), index);
        }
        else
        {
            value = CallHelper(creation.Constructor, Ordered(creation.Arguments), creation.Syntax);
        }

        return creation.Initializer is null ? value : Initialized(creation, value);
    }

    private List<Expression> Ordered(IObjectCreationOperation creation)
    {
        List<Expression> values = Values(creation.Arguments);
        RequireOrder(creation.Syntax, values.ToArray());
        return values;
    }

    private Expression Initialized(IObjectCreationOperation creation, Expression value)
    {
        if (_conditional > 0)
        {
            Diagnostics.Add(Rules.Unsupported, creation.Syntax, creation.Syntax.ToString().Split('\n')[0].Trim(), "initializer inside a condition");
            return value;
        }

        Variable temporary = Temporary(value.Type);
        _output.Add(new Declaration(temporary, value));
        foreach (IOperation member in creation.Initializer!.Initializers)
        {
            string? name = member is ISimpleAssignmentOperation assigned
                ? assigned.Target switch
                {
                    IFieldReferenceOperation field => TypeMap.FieldName(field.Field),
                    IPropertyReferenceOperation property => property.Property.Name,
                    _ => null,
                }
                : null;
            if (name is null)
            {
                Refuse(member);
                continue;
            }

            Expression part = Value(((ISimpleAssignmentOperation)member).Value);
            Expression target = value.Type is VectorType
                ? new LaneValue(new VariableValue(temporary), Lane(name))
                : new FieldValue(new VariableValue(temporary), name, part.Type);
            _output.Add(new Assignment(target, part));
        }

        return new VariableValue(temporary);
    }
}
