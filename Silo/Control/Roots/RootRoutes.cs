using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Roots;

/// <param name="Store">a or b.</param>
/// <param name="To">software, pkcs11 or keyvault.</param>
/// <param name="Finish">Destroy the old root, instead of wrapping by the new one.</param>
public sealed record MigrationBody(string Store, string To, bool Finish);

/// <param name="Store">a or b.</param>
public sealed record RotationBody(string Store);

/// <summary>POST /v1/roots/migrate and /v1/roots/rotate, each a stream of progress.</summary>
internal sealed class RootRoutes(AdminGate gate, RootMigration migration) : IAdminRoutes
{
    private static readonly string[] Stores = ["a", "b"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/roots/migrate", MigrateAsync);
        routes.MapPost("/v1/roots/rotate", RotateAsync);
    }

    private async Task MigrateAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<MigrationBody>(context.RequestAborted)
            ?? throw Invalid("No migration was given.");
        var (store, to) = (StoreOf(body.Store), KindOf(body.To));
        var what = $"store {store} to {RootMigration.TextOf(to)}{(body.Finish ? ", finish" : "")}";
        await gate.AdmitAsync(context, AuditAct.RootMigration, entry => entry with { Targets = [what] });
        await AdminStream.RunAsync(context, (step, cancel) => body.Finish
            ? migration.FinishAsync(store, to, step, cancel) : migration.RunAsync(store, to, step, cancel));
    }

    private async Task RotateAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<RotationBody>(context.RequestAborted)
            ?? throw Invalid("No rotation was given.");
        var store = StoreOf(body.Store);
        await gate.AdmitAsync(context, AuditAct.RootRotation, entry => entry with { Targets = [$"store {store}"] });
        await AdminStream.RunAsync(context, (step, cancel) => migration.RotateAsync(store, step, cancel));
    }

    private static string StoreOf(string? text) =>
        Stores.Contains(text) ? text! : throw Invalid("A store is a or b.");

    private static KeyRootKind KindOf(string? text)
    {
        foreach (var kind in Enum.GetValues<KeyRootKind>())
            if (text == RootMigration.TextOf(kind)) return kind;
        throw Invalid("A key root is software, pkcs11 or keyvault.");
    }

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}

/// <summary>A line for each key root of "ama control status".</summary>
internal sealed class RootStatus(ControlKeyRoots roots) : IStatusPart
{
    public async Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel)
    {
        var lines = new List<StatusLine>();
        foreach (var root in roots.All) lines.Add(await LineAsync(root, cancel));
        return lines;
    }

    private static async Task<StatusLine> LineAsync(StoreKeyRoot root, CancellationToken cancel)
    {
        var name = $"key root {root.Name}";
        try
        {
            var keys = await root.Root.ListAsync(cancel);
            return new(name, $"{root.Root.Description}, {keys.Count(key => key.FinalAt is null)} keys");
        }
        catch (AMA.Archive.Keys.Roots.KeyRootException silent)
        {
            return new(name, silent.Message, Good: false);
        }
    }
}
