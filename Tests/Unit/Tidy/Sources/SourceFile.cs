using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AMA.Tests.Unit.Tidy.Sources;

/// <summary>
/// A function of a source file: a method, constructor, operator, accessor or local function with a body.
/// </summary>
public sealed record SourceFunction(string File, string Name, int Lines);

/// <summary>A constructor that takes its type's dependencies; records carry values and don't count.</summary>
public sealed record SourceConstructor(string File, string Type, int Parameters);

/// <summary>A type's attributes, and the types of its fields, properties and primary constructor, as written.</summary>
public sealed record SourceType(string File, string Name, string[] Attributes, string[] MemberTypes);

/// <summary>One parsed C# file.</summary>
public sealed class SourceFile
{
    private readonly SyntaxNode _root;

    private SourceFile(string path, string text) =>
        (Path, Text, _root) = (path, text, CSharpSyntaxTree.ParseText(text).GetRoot());

    public string Path { get; }
    public string Text { get; }
    public int Lines => Text.AsSpan().TrimEnd('\n').Count('\n') + 1;

    public string? Namespace => _root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        .FirstOrDefault()?.Name.ToString();

    public static SourceFile Read(string path) => new(path, Repository.Text(path));

    public static SourceFile Parse(string text) => new("Canary.cs", text);

    public IEnumerable<SourceFunction> Functions() => _root.DescendantNodes()
        .Where(HasBody)
        .Select(node => new SourceFunction(Path, NameOf(node), LinesOf(node)));

    public IEnumerable<SourceConstructor> Constructors()
    {
        foreach (var type in _root.DescendantNodes().OfType<ClassDeclarationSyntax>())
        {
            if (type.ParameterList is { } primary)
                yield return new(Path, type.Identifier.Text, primary.Parameters.Count);
            foreach (var constructor in type.Members.OfType<ConstructorDeclarationSyntax>())
                yield return new(Path, type.Identifier.Text, constructor.ParameterList.Parameters.Count);
        }
    }

    /// <summary>Names of the types declared here.</summary>
    public IEnumerable<string> Types() => _root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        .Select(type => type.Identifier.Text);

    public IEnumerable<SourceType> TypesWithMembers() => _root.DescendantNodes().OfType<TypeDeclarationSyntax>()
        .Select(type => new SourceType(Path, type.Identifier.Text, AttributesOf(type.AttributeLists),
        [
            .. (type.ParameterList?.Parameters ?? []).Select(parameter => $"{parameter.Type}"),
            .. type.Members.OfType<PropertyDeclarationSyntax>().Select(property => $"{property.Type}"),
            .. type.Members.OfType<FieldDeclarationSyntax>().Select(field => $"{field.Declaration.Type}"),
        ]));

    /// <summary>What log messages are made of: the parameters' types of every [LoggerMessage] method.</summary>
    public IEnumerable<string> LoggedTypes() => _root.DescendantNodes().OfType<MethodDeclarationSyntax>()
        .Where(method => AttributesOf(method.AttributeLists).Any(name => name.StartsWith("LoggerMessage")))
        .SelectMany(method => method.ParameterList.Parameters.Select(parameter => $"{parameter.Type}"));

    /// <summary>The type arguments of typeof in [JsonSerializable(typeof(T))].</summary>
    public IEnumerable<string> JsonTypes() => _root.DescendantNodes().OfType<AttributeSyntax>()
        .Where(attribute => $"{attribute.Name}" == "JsonSerializable")
        .SelectMany(attribute => attribute.DescendantNodes().OfType<TypeOfExpressionSyntax>())
        .Select(type => $"{type.Type}");

    private static string[] AttributesOf(SyntaxList<AttributeListSyntax> lists) =>
        [.. lists.SelectMany(list => list.Attributes).Select(attribute => $"{attribute.Name}")];

    /// <summary>Words of the code itself; what stands in strings and comments is not among them.</summary>
    public IEnumerable<string> Identifiers() => _root.DescendantTokens()
        .Where(token => token.IsKind(SyntaxKind.IdentifierToken))
        .Select(token => token.Text);

    /// <summary>Member accesses as written, without white space: "Thread.Sleep".</summary>
    public IEnumerable<string> Accesses() => _root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        .Select(access => string.Concat(access.ToString().Where(c => !char.IsWhiteSpace(c))));

    public IEnumerable<string> Comments() => _root.DescendantTrivia(descendIntoTrivia: true)
        .Where(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia))
        .Select(trivia => trivia.ToFullString());

    /// <summary>Warnings switched off in the file, by number or name.</summary>
    public IEnumerable<string> SilencedWarnings() => _root.DescendantTrivia(descendIntoTrivia: true)
        .Select(trivia => trivia.GetStructure())
        .OfType<PragmaWarningDirectiveTriviaSyntax>()
        .Where(pragma => pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword))
        .SelectMany(pragma => pragma.ErrorCodes.Select(code => code.ToString()));

    /// <summary>Names of async methods and local functions that return void.</summary>
    public IEnumerable<string> AsyncVoids() => _root.DescendantNodes()
        .Select(node => node switch
        {
            MethodDeclarationSyntax m => (m.Modifiers, m.ReturnType, m.Identifier),
            LocalFunctionStatementSyntax l => (l.Modifiers, l.ReturnType, l.Identifier),
            _ => default,
        })
        .Where(f => f.Modifiers.Any(SyntaxKind.AsyncKeyword) && f.ReturnType.ToString() == "void")
        .Select(f => f.Identifier.Text);

    private static bool HasBody(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax method => method.Body is not null || method.ExpressionBody is not null,
        LocalFunctionStatementSyntax => true,
        AccessorDeclarationSyntax accessor => accessor.Body is not null || accessor.ExpressionBody is not null,
        _ => false,
    };

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        _ => node.Parent is TypeDeclarationSyntax type
            ? type.Identifier.Text
            : node.Ancestors().OfType<PropertyDeclarationSyntax>().FirstOrDefault()?.Identifier.Text
                ?? node.Kind().ToString(),
    };

    /// <summary>
    /// From the signature to the closing brace; attributes and docstrings are not code to hold in mind.
    /// </summary>
    private static int LinesOf(SyntaxNode node)
    {
        var start = node.DescendantTokens()
            .First(token => !token.Parent!.AncestorsAndSelf().OfType<AttributeListSyntax>().Any());
        var first = start.GetLocation().GetLineSpan().StartLinePosition.Line;
        return node.GetLocation().GetLineSpan().EndLinePosition.Line - first + 1;
    }
}
