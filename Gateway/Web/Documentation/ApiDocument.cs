using System.Text.Json.Nodes;
using AMA.Gateway.Web.Messages;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace AMA.Gateway.Web.Documentation;

/// <summary>What /openapi/v1.json says besides the docstrings of routes and shapes.</summary>
internal static class ApiDocument
{
    public const string Route = "/openapi/{documentName}.json";
    private const string Scheme = "bearer";

    /// <summary>Their bodies say who asks.</summary>
    private static readonly string[] WithoutToken =
    [
        "SignIn", "RenewSession", "EnrolTotp", "ConfirmTotp", "RemoveTotp", "NewRecoveryCodes", "ChangePassword",
    ];

    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", document =>
    {
        document.CreateSchemaReferenceId = static type =>
            OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? Trim(name) : null;
        document.AddDocumentTransformer(static (api, _, _) => Describe(api));
        document.AddOperationTransformer(static (operation, context, _) => Refine(operation, context));
    });

    /// <summary>"Message", not "MessageShape": the suffix tells our types apart, not theirs.</summary>
    private static string Trim(string name) => name.EndsWith("Shape", StringComparison.Ordinal) ? name[..^5] : name;

    private static Task Describe(OpenApiDocument api)
    {
        api.Info = new()
        {
            Title = "AMA: e-mail archive",
            Version = "v1",
            Description = "Every error is an RFC 9457 problem. Its type, urn:ama:problem:{kind}, is what programs "
                + "branch on; 423 and 503 carry Retry-After and are worth trying again. docs/api.md tells more.",
        };
        // The caller knows where it found this document; our own listening address may not be the way here.
        api.Servers = [];
        api.Components ??= new();
        api.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A session's token (POST /v1/session), or the operator token where a route says so.",
            },
        };
        return Task.CompletedTask;
    }

    private static Task Refine(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (operation.Responses?.ContainsKey("401") == true && !WithoutToken.Contains(operation.OperationId))
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        // Bound as text, so that a wrong value gets a sentence of ours; it is a number all the same.
        if (operation.Parameters?.FirstOrDefault(parameter => parameter.Name == "limit") is OpenApiParameter limit)
            limit.Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = "1",
                Maximum = PageRequest.LimitMax.ToString(),
                Default = JsonValue.Create(PageRequest.LimitDefault),
            };
        return Task.CompletedTask;
    }
}
