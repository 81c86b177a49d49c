using System.Collections.Generic;
using System.Linq;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Printing;

/// <content>Statements, which dialects share.</content>
internal abstract partial class CPrinter
{
    /// <summary>Whether a loop of known length gets a pragma that unrolls it.</summary>
    protected virtual bool Unrolls(For loop) => loop.Unroll;

    /// <summary>The line in front of a loop whose iterations are independent; null for none.</summary>
    protected virtual string? IndependentHint => null;

    protected void PrintStatements(IEnumerable<Statement> statements)
    {
        Statement? before = null;
        foreach (Statement statement in statements)
        {
            if (before is Block or If or For or While or Switch)
            {
                Writer.Line();
            }

            Print(statement);
            before = statement;
        }
    }

    private void Print(Statement statement)
    {
        switch (statement)
        {
            case Block block:
                PrintBlock(block);
                break;
            case ArrayDeclaration array:
                PrintArray(array);
                break;
            case ViewDeclaration view:
                Writer.Line($"{TypeName(view.Variable.Type)} const {Name(view.Variable)} = {Text(view.View)};");
                if (view.Variable.IsLengthUsed)
                {
                    Writer.Line($"const {LengthParameter(view.Variable)} = {Text(view.Variable.Length!)};"); // set where its use was noted
                }

                break;
            case If choice:
                PrintIf(choice);
                break;
            case For loop:
                PrintFor(loop);
                break;
            case While { ConditionLast: false } loop:
                Writer.Line($"while ({Text(loop.Condition)})");
                PrintBlock(loop.Body);
                break;
            case While loop:
                Writer.Line("do");
                Writer.Open();
                PrintStatements(loop.Body is Block body ? body.Statements : new[] { loop.Body });
                Writer.Close($" while ({Text(loop.Condition)});");
                break;
            case Switch choice:
                PrintSwitch(choice);
                break;
            case Break:
                Writer.Line("break;");
                break;
            case Continue:
                Writer.Line("continue;");
                break;
            case Return { Value: null }:
                Writer.Line("return;");
                break;
            case Return result:
                Writer.Line($"return {Text(result.Value!)};");
                break;
            case Barrier:
                Writer.Line(BarrierText);
                break;
            case Fence fence:
                Writer.Line(FenceText(fence.Scope));
                break;
            case Prefetch prefetch:
                Writer.Line(PrefetchText(Text(prefetch.Element)));
                break;
            default:
                Writer.Line(Simple(statement) + ";");
                break;
        }
    }

    private void PrintBlock(Statement statement)
    {
        Writer.Open();
        PrintStatements(statement is Block block ? block.Statements : new[] { statement });
        Writer.Close();
    }

    private void PrintIf(If choice)
    {
        string keyword = "if";
        for (If? current = choice; current is not null;)
        {
            Writer.Line($"{keyword} ({Text(current.Condition)})");
            PrintBlock(current.Then);
            keyword = "else if";
            Statement? otherwise = current.Else;
            current = otherwise is Block { Statements: { Count: 1 } only } ? only[0] as If : null;
            if (current is null && otherwise is not null)
            {
                Writer.Line("else");
                PrintBlock(otherwise);
            }
        }
    }

    private void PrintFor(For loop)
    {
        bool inline = loop.Before.Count <= 1 || loop.Before.All(s => s is Assignment or CompoundAssignment or Increment);
        inline &= loop.Before.All(s => s is Declaration or Assignment or CompoundAssignment or Increment or CallStatement);
        if (!inline)
        {
            Writer.Open();
            PrintStatements(loop.Before);
        }

        if (Unrolls(loop))
        {
            Writer.Line("#pragma unroll");
        }
        else if (loop.Independent && IndependentHint is string hint)
        {
            Writer.Line(hint);
        }

        string start = inline ? string.Join(", ", loop.Before.Select(Simple)) : string.Empty;
        string condition = loop.Condition is null ? string.Empty : " " + Text(loop.Condition);
        string steps = loop.Steps.Count == 0 ? string.Empty : " " + string.Join(", ", loop.Steps.Select(Simple));
        Writer.Line($"for ({start};{condition};{steps})");
        PrintBlock(loop.Body);
        if (!inline)
        {
            Writer.Close();
        }
    }

    private void PrintSwitch(Switch choice)
    {
        Writer.Line($"switch ({Text(choice.Subject)})");
        Writer.Open();
        foreach (SwitchSection section in choice.Sections)
        {
            foreach (Expression? label in section.Labels)
            {
                Writer.Line(label is null ? "default:" : $"case {Text(label)}:");
            }

            PrintBlock(new Block(section.Body));
        }

        Writer.Close();
    }

    // A statement that may also stand in the head of a for loop.
    private string Simple(Statement statement)
    {
        switch (statement)
        {
            case Declaration { Value: null } declaration:
                return $"{TypeName(declaration.Variable.Type)} {Name(declaration.Variable)}";
            case Declaration declaration:
                return $"{TypeName(declaration.Variable.Type)} {Name(declaration.Variable)} = {Text(declaration.Value!)}";
            case Assignment assignment:
                return $"{Text(assignment.Target)} = {Text(assignment.Value)}";
            case CompoundAssignment assignment:
                return $"{Text(assignment.Target)} {Operator(assignment.Operator)}= {Text(assignment.Value)}";
            case Increment step:
                string target = Text(step.Target, Postfix);
                return target + (step.Down ? "--" : "++");
            case CallStatement call:
                return Text(call.Call);
            default:
                throw new System.InvalidOperationException($"{statement.GetType().Name} cannot stand in the head of a loop.");
        }
    }
}
