using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Calls of the dialect and of mathematics.</content>
internal sealed partial class FunctionLowering
{
    private void CallStatement(IInvocationOperation invocation)
    {
        switch (invocation.TargetMethod.FullName())
        {
            case "Thor.Kernels.Dialect.Group.Barrier":
                NoteBarrier(invocation.Syntax, "Group.Barrier", shuffle: false);
                _output.Add(new Barrier());
                break;
            case "Thor.Kernels.Dialect.MemoryFence.GroupLevel":
                _output.Add(new Fence(FenceScope.Group));
                break;
            case "Thor.Kernels.Dialect.MemoryFence.DeviceLevel":
                _output.Add(new Fence(FenceScope.Device));
                break;
            case "Thor.Kernels.Dialect.Prefetch.Read":
                _output.Add(new Prefetch(Value(invocation.Arguments[0].Value)));
                break;
            default:
                _output.Add(new CallStatement(Invocation(invocation)));
                break;
        }
    }

    private Expression Invocation(IInvocationOperation invocation)
    {
        IMethodSymbol method = invocation.TargetMethod;
        if (IntrinsicTable.Find(method) is Intrinsic intrinsic)
        {
            return IntrinsicValue(invocation, intrinsic);
        }

        if (method.Parameters.Any(p => p.Type.SpecialType == SpecialType.System_Double) && method.DeclaringSyntaxReferences.Length == 0)
        {
            Diagnostics.Add(Rules.Double, invocation.Syntax, invocation.Syntax.ToString());
            return Nothing();
        }

        if (method.MethodKind == MethodKind.DelegateInvoke)
        {
            Diagnostics.Add(Rules.Delegate, invocation.Syntax);
            return Nothing();
        }

        if (Known(invocation) is Expression known)
        {
            return known;
        }

        IMethodSymbol target = Resolve(method, invocation.ConstrainedToType);
        if (!target.IsStatic || target.IsAbstract)
        {
            Diagnostics.Add(Rules.InstanceCall, invocation.Syntax, target.ShortName());
            return Nothing();
        }

        if (method.MethodKind == MethodKind.LocalFunction && !method.IsStatic)
        {
            Diagnostics.Add(Rules.LocalFunction, invocation.Syntax, method.Name);
            return Nothing();
        }

        return CallHelper(target, Ordered(invocation.Arguments), invocation.Syntax);
    }

    // Methods that become an expression of their own.
    private Expression? Known(IInvocationOperation invocation)
    {
        switch (invocation.TargetMethod.FullName())
        {
            case "Thor.Kernels.Dialect.Group.Uniform":
                return Value(invocation.Arguments[0].Value);
            case "Thor.Kernels.Dialect.Iterations.Independent":
                _independent = true;
                return Value(invocation.Arguments[0].Value);
            case "Thor.Kernels.Dialect.XMath.Rsqrt":
                Expression root = new IntrinsicCall(Intrinsic.Sqrt, Values(invocation.Arguments), KernelType.Float);
                return new Binary(BinaryOperator.Divide, new Literal(KernelType.Float, 1f), root, KernelType.Float);
            case "Thor.Kernels.Dialect.XMath.Rcp":
                return new Binary(BinaryOperator.Divide, new Literal(KernelType.Float, 1f), Value(invocation.Arguments[0].Value), KernelType.Float);
            case "Thor.Kernels.Dialect.Fused.MultiplyAdd":
                return FusedValue(invocation);
            case "System.Math.BigMul" when TypeOf(invocation) is ScalarType { Kind: ScalarKind.Int64 or ScalarKind.UInt64 } type:
                List<Expression> factors = Values(invocation.Arguments);
                return new Binary(BinaryOperator.Multiply, new Conversion(factors[0], type), new Conversion(factors[1], type), type);
            case "Thor.Kernels.Dialect.Group.Barrier" or "Thor.Kernels.Dialect.MemoryFence.GroupLevel" or "Thor.Kernels.Dialect.MemoryFence.DeviceLevel" or "Thor.Kernels.Dialect.Prefetch.Read":
                Refuse(invocation);
                return Nothing();
        }

        if (invocation.TargetMethod is { Name: "Splat" } splat && splat.ContainingType.VectorLanes() is > 0 and int lanes)
        {
            VectorType vector = new(lanes);
            _kernel.CountVector(vector);
            return new Splat(Value(invocation.Arguments[0].Value), vector);
        }

        return null;
    }

    private Expression FusedValue(IInvocationOperation invocation)
    {
        if (TypeOf(invocation) is not KernelType type)
        {
            return Nothing();
        }

        List<Expression> arguments = Values(invocation.Arguments);
        if (type is VectorType vector && arguments[0].Type is ScalarType)
        {
            arguments[0] = new Splat(arguments[0], vector);
        }

        return new IntrinsicCall(Intrinsic.FusedMultiplyAdd, arguments, type);
    }

    private Expression IntrinsicValue(IInvocationOperation invocation, Intrinsic intrinsic)
    {
        if (IntrinsicTable.IsShuffle(intrinsic))
        {
            Diagnostics.Add(Rules.ShufflePlace, invocation.Syntax, invocation.Syntax.ToString());
            return Nothing();
        }

        if (TypeOf(invocation) is not KernelType type)
        {
            return Nothing();
        }

        if (IntrinsicTable.IsAtomic(intrinsic))
        {
            return AtomicValue(invocation, intrinsic, type);
        }

        List<Expression> arguments = Values(invocation.Arguments);
        RequireOrder(invocation.Syntax, arguments.ToArray());
        bool counts = intrinsic is Intrinsic.LeadingZeroCount or Intrinsic.TrailingZeroCount or Intrinsic.PopCount;
        return counts && type != KernelType.Int
            ? new Conversion(new IntrinsicCall(intrinsic, arguments, KernelType.Int), type)
            : new IntrinsicCall(intrinsic, arguments, type);
    }

    private Expression AtomicValue(IInvocationOperation invocation, Intrinsic intrinsic, KernelType type)
    {
        List<IOperation> arguments = Ordered(invocation.Arguments);
        Expression target = Value(arguments[0]);
        Expression root = target;
        while (root is FieldValue field)
        {
            root = field.Target;
        }

        MemorySpace space = root switch
        {
            Element { View.Type: ViewType view } => view.Space,
            VariableValue { Variable: { Role: VariableRole.Reference } reference } => reference.Space,
            _ => MemorySpace.Private,
        };
        if (space is not (MemorySpace.Global or MemorySpace.Shared))
        {
            Diagnostics.Add(Rules.AtomicTarget, arguments[0].Syntax, arguments[0].Syntax.ToString());
            return Nothing(type);
        }

        _function.HasEffects = true;
        List<Expression> values = new() { new Reference(target, space) };
        values.AddRange(arguments.Skip(1).Select(Value));
        return new IntrinsicCall(intrinsic, values, type);
    }

    private Expression Shuffle(IInvocationOperation invocation, Intrinsic intrinsic)
    {
        if (_kernel.Tree.MaxGroupSize == 0)
        {
            Diagnostics.Add(Rules.ShuffleGroupSize, invocation.Syntax, _kernel.Tree.Entry.Description);
        }

        if (_conditional > 0)
        {
            Diagnostics.Add(Rules.ShufflePlace, invocation.Syntax, invocation.Syntax.ToString());
        }

        NoteBarrier(invocation.Syntax, invocation.TargetMethod.ShortName(), shuffle: true);
        return TypeOf(invocation) is KernelType type ? new IntrinsicCall(intrinsic, Values(invocation.Arguments), type) : Nothing();
    }

    private void NoteBarrier(SyntaxNode node, string name, bool shuffle)
    {
        if (!_isKernel)
        {
            string? fault = _function.ReturnType is not VoidType ? "returns a value"
                : _function.Parameters.Any(p => p.Role == VariableRole.Reference) ? "has a parameter by reference"
                : null;
            if (fault is not null)
            {
                Diagnostics.Add(Rules.BarrierPlace, node, name, _function.Description, fault);
            }
        }

        _function.HasBarriers = true;
        _function.HasShuffles |= shuffle;
        _function.HasEffects = true;
    }
}
