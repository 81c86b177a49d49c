using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>
/// Turns the body of a method that threads meet in into the body of an iterator: the same text on the same lines, but for barriers,
/// shuffles, instructions of a warp, calls of helpers with barriers, promises of uniform values, and returns.
/// </summary>
internal sealed class CpuRewriter : CSharpSyntaxWalker
{
    private const string Context = "global::Thor.Kernels.Dialect.KernelContext.Current";
    private const string Lane = "global::Thor.Kernels.Dialect.Warp.LaneIdx";

    private readonly SemanticModel _model;
    private readonly BarrierCalls _barriers;
    private readonly System.Func<IMethodSymbol, string> _nameHelper;
    private readonly CancellationToken _cancellation;
    private readonly SourceText _source;
    private readonly TextEdits _edits;

    // False inside a local function that is no iterator.
    private bool _pauses = true;

    /// <summary>A rewriter for methods of one source file.</summary>
    /// <param name="model">Meaning of the file.</param>
    /// <param name="barriers">Where threads meet.</param>
    /// <param name="nameHelper">Names the iterator form of a helper, and asks for it to be written.</param>
    /// <param name="cancellation">Stops the work.</param>
    public CpuRewriter(SemanticModel model, BarrierCalls barriers, System.Func<IMethodSymbol, string> nameHelper, CancellationToken cancellation)
    {
        _model = model;
        _barriers = barriers;
        _nameHelper = nameHelper;
        _cancellation = cancellation;
        _source = model.SyntaxTree.GetText(cancellation);
        _edits = new TextEdits(_source);
    }

    /// <summary>The body as that of an iterator, in braces.</summary>
    public string Rewrite(SyntaxNode body)
    {
        if (body is ExpressionSyntax expression)
        {
            RewriteExpressionBody(expression);
            return "{ " + _edits.Apply(body.Span) + "; }";
        }

        Visit(body);
        return _edits.Apply(body.Span);
    }

    public override void VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        if (node.Expression is InvocationExpressionSyntax call && Called(call) is { } method)
        {
            if (BarrierCalls.IsBarrier(method))
            {
                _edits.Replace(node.Span, $"yield return {Line(node)};");
                return;
            }

            if (BarrierCalls.IsWarpInstruction(method))
            {
                _edits.Insert(node.SpanStart, $"{{ {OfferOperands(call, method)} ");
                Visit(call.ArgumentList);
                _edits.Insert(node.Span.End, " }");
                return;
            }

            if (_barriers.MeetIn(method))
            {
                RewriteHelperCall(call, method);
                _edits.Replace(node.SemicolonToken.Span, ") { yield return thor_line; }");
                return;
            }
        }

        if (node.Expression is AssignmentExpressionSyntax assignment && Shuffle(assignment.Right) is { } shuffle)
        {
            string target = _source.ToString(TextSpan.FromBounds(node.SpanStart, assignment.Right.SpanStart));
            _edits.Replace(TextSpan.FromBounds(node.SpanStart, assignment.Right.SpanStart), "{ ");
            string receive = RewriteOffer(shuffle);
            _edits.Replace(node.SemicolonToken.Span, $"; yield return {Line(node)}; {OneLine(target)}{receive}; }}");
            return;
        }

        base.VisitExpressionStatement(node);
    }

    public override void VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node)
    {
        if (node.Declaration.Variables.Count == 1 && node.Declaration.Variables[0].Initializer?.Value is { } value && Shuffle(value) is { } shuffle)
        {
            // No braces: the variable must stay in scope, and a declaration is never the only statement of an if or a loop.
            string declaration = _source.ToString(TextSpan.FromBounds(node.SpanStart, value.SpanStart));
            _edits.Replace(TextSpan.FromBounds(node.SpanStart, value.SpanStart), string.Empty);
            string receive = RewriteOffer(shuffle);
            _edits.Replace(node.SemicolonToken.Span, $"; yield return {Line(node)}; {OneLine(declaration)}{receive};");
            return;
        }

        base.VisitLocalDeclarationStatement(node);
    }

    public override void VisitReturnStatement(ReturnStatementSyntax node)
    {
        if (_pauses)
        {
            _edits.Replace(node.ReturnKeyword.Span, "yield break");
        }

        base.VisitReturnStatement(node);
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (Called(node) is { } method && BarrierCalls.IsUniform(method))
        {
            _edits.Replace(node.Expression.Span, Context + ".Uniform");
            _edits.Insert(node.ArgumentList.Arguments[0].SpanStart, Line(node) + ", ");
            Visit(node.ArgumentList);
            return;
        }

        base.VisitInvocationExpression(node);
    }

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        if (_model.GetDeclaredSymbol(node, _cancellation) is IMethodSymbol method && BarrierCalls.Body(node) is { } body)
        {
            bool outer = _pauses;
            _pauses = _barriers.MeetIn(method);
            if (_pauses)
            {
                _edits.Replace(node.ReturnType.Span, CpuPrinter.HelperType);
            }

            if (_pauses && body is ExpressionSyntax expression)
            {
                _edits.Replace(node.ExpressionBody!.ArrowToken.Span, "{"); // a body that is an expression has an arrow
                RewriteExpressionBody(expression);
                _edits.Replace(node.SemicolonToken.Span, "; }");
            }
            else
            {
                Visit(body);
            }

            _pauses = outer;
        }
    }

    private static string OneLine(string text) => string.Join(" ", text.Split('\r', '\n').Select(static line => line.Trim())) + " ";

    private static string Operand(ArgumentSyntax argument) => argument.NameColon?.Name.Identifier.ValueText ?? string.Empty;

    private void RewriteExpressionBody(ExpressionSyntax expression)
    {
        if (expression is not InvocationExpressionSyntax call || Called(call) is not { } method)
        {
            Visit(expression);
        }
        else if (BarrierCalls.IsBarrier(method))
        {
            _edits.Replace(expression.Span, $"yield return {Line(expression)}");
        }
        else if (BarrierCalls.IsWarpInstruction(method))
        {
            _edits.Insert(expression.SpanStart, OfferOperands(call, method) + " ");
            Visit(call.ArgumentList);
        }
        else if (_barriers.MeetIn(method))
        {
            RewriteHelperCall(call, method);
            _edits.Insert(expression.Span.End, ") { yield return thor_line; }");
        }
        else
        {
            Visit(expression);
        }
    }

    /// <summary>"Helper(a, b)" becomes "foreach (int thor_line in HelperSteps(a, b)"; the caller closes it.</summary>
    private void RewriteHelperCall(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        _edits.Insert(call.SpanStart, "foreach (int thor_line in ");
        SimpleNameSyntax? name = call.Expression switch
        {
            SimpleNameSyntax simple => simple,
            MemberAccessExpressionSyntax member => member.Name,
            _ => null,
        };
        if (name is not null && method.MethodKind != MethodKind.LocalFunction)
        {
            _edits.Replace(name.Identifier.Span, _nameHelper(BarrierCalls.Declared(method)));
        }

        Visit(call.ArgumentList);
    }

    /// <summary>"Warp.ShuffleDown(v, d)" becomes "Offer(v, Lane + (d))"; returns what receives the value.</summary>
    private string RewriteOffer(InvocationExpressionSyntax call)
    {
        IMethodSymbol method = Called(call)!; // Shuffle found it
        bool isFloat = method.Parameters[0].Type.SpecialType == SpecialType.System_Single;
        string how = method.Name switch
        {
            "ShuffleDown" => Lane + " + (",
            "ShuffleUp" => Lane + " - (",
            "ShuffleXor" => Lane + " ^ (",
            _ => "(",
        };
        _edits.Replace(call.Expression.Span, Context + (isFloat ? ".OfferFloat" : ".Offer"));
        SeparatedSyntaxList<ArgumentSyntax> arguments = call.ArgumentList.Arguments;
        for (int i = 0; i < arguments.Count; i++)
        {
            ArgumentSyntax argument = arguments[i];
            string name = Operand(argument);
            bool isLane = name.Length == 0 ? i == 1 : name != method.Parameters[0].Name;
            if (argument.NameColon is { } colon)
            {
                _edits.Replace(colon.Span, isLane ? "lane:" : isFloat ? "value:" : "bits:");
            }

            if (isLane)
            {
                _edits.Insert(argument.Expression.SpanStart, how);
                _edits.Insert(argument.Expression.Span.End, ")");
            }

            Visit(argument.Expression);
        }

        return Context + (isFloat ? ".ReceiveFloat()" : ".Receive()");
    }

    /// <summary>What stands before an instruction of a warp: the values of its operands are offered, in the order of the parameters, and all lanes wait.</summary>
    private string OfferOperands(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        SeparatedSyntaxList<ArgumentSyntax> arguments = call.ArgumentList.Arguments;
        IEnumerable<string> values = method.Parameters.Where(static parameter => parameter.RefKind == RefKind.None)
            .Select(parameter => arguments.FirstOrDefault(argument => Operand(argument) == parameter.Name) ?? arguments[parameter.Ordinal])
            .Select(argument => OneLine(argument.Expression.ToString()).Trim());
        return $"{Context}.OfferOperands({string.Join(", ", values)}); yield return {Line(call)};";
    }

    private InvocationExpressionSyntax? Shuffle(ExpressionSyntax value) =>
        value is InvocationExpressionSyntax call && Called(call) is { } method && BarrierCalls.IsShuffle(method) ? call : null;

    private IMethodSymbol? Called(InvocationExpressionSyntax call) => _model.GetSymbolInfo(call, _cancellation).Symbol as IMethodSymbol;

    private string Line(SyntaxNode node) =>
        (_source.Lines.GetLinePosition(node.SpanStart).Line + 1).ToString(CultureInfo.InvariantCulture);
}
