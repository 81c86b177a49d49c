using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Statements.</content>
internal sealed partial class FunctionLowering
{
    private void Statement(IOperation operation)
    {
        switch (operation)
        {
            case IBlockOperation block:
                _output.Add(Nested(block));
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (IVariableDeclarationOperation declaration in group.Declarations)
                {
                    foreach (IVariableDeclaratorOperation declarator in declaration.Declarators)
                    {
                        Declare(declarator, declarator.Initializer ?? declaration.Initializer);
                    }
                }

                break;
            case IExpressionStatementOperation expression:
                ExpressionStatement(expression.Operation);
                break;
            case IConditionalOperation choice:
                Expression condition = Value(choice.Condition);
                Block then = Nested(choice.WhenTrue);
                Block? otherwise = choice.WhenFalse is null ? null : Nested(choice.WhenFalse);
                _output.Add(new If(condition, then, otherwise));
                break;
            case IForLoopOperation loop:
                ForLoop(loop);
                break;
            case IWhileLoopOperation loop:
                WhileLoop(loop);
                break;
            case IBranchOperation branch:
                Branch(branch);
                break;
            case IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak }:
                Diagnostics.Add(Rules.Async, operation.Syntax, "yield");
                break;
            case IReturnOperation result:
                Expression? value = result.ReturnedValue is null ? _self is null ? null : new VariableValue(_self) : Value(result.ReturnedValue);
                _output.Add(new Return(value));
                break;
            case ISwitchOperation choice:
                SwitchStatement(choice);
                break;
            case IEmptyOperation:
                break;
            case ILocalFunctionOperation local:
                if (!local.Symbol.IsStatic)
                {
                    Diagnostics.Add(Rules.LocalFunction, operation.Syntax, local.Symbol.Name);
                }

                break;
            default:
                Refuse(operation);
                break;
        }
    }

    private Block Nested(IOperation body)
    {
        List<Statement> outer = _output;
        _output = new List<Statement>();
        _depth++;
        if (body is IBlockOperation block)
        {
            foreach (IOperation statement in block.Operations)
            {
                Statement(statement);
            }
        }
        else
        {
            Statement(body);
        }

        Block result = new(_output);
        _depth--;
        _output = outer;
        return result;
    }
}
