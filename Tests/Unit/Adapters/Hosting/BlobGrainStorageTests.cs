using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using AMA.Adapters.Hosting;
using AMA.Archive.Blobs;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Hosting;

public sealed class BlobGrainStorageTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("directory", "eu/quiet-harbour");
    private readonly MemoryBlobStore _store = new();
    private readonly Secret _key = Secret.Random(new SeededRandom(51));

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task State_ComesBack_AndShowsNothingOnTheWay()
    {
        await Storage().WriteStateAsync("notes", Grain, State("a secret note"));

        var read = new GrainState<Note>();
        await Storage().ReadStateAsync("notes", Grain, read);
        Assert.Equal(("a secret note", true), (read.State!.Text, read.RecordExists));

        var blob = await BlobAsync();
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(blob.Content));
        Assert.DoesNotContain("harbour", blob.Name);
        Assert.DoesNotContain("directory", blob.Name);
    }

    [Fact]
    public async Task MissingState_DoesNotExist()
    {
        var read = new GrainState<Note>();
        await Storage().ReadStateAsync("notes", Grain, read);
        Assert.Equal((false, 0L), (read.RecordExists, StateVersion.Parse(read.ETag!).Generation));
    }

    [Fact]
    public async Task SecondWriter_LosesAndChangesNothing()
    {
        var storage = Storage();
        var (first, second) = (State("first"), State("second"));
        await storage.WriteStateAsync("notes", Grain, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("notes", Grain, second));

        await storage.ReadStateAsync("notes", Grain, second);
        Assert.Equal("first", second.State!.Text);
        second.State = new Note("from the second");
        await storage.WriteStateAsync("notes", Grain, second);
        first.State = new Note("stale");
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("notes", Grain, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("notes", Grain, first));
    }

    [Fact]
    public async Task ClearedState_IsGone_AndMayBeWrittenAgain()
    {
        var storage = Storage();
        var state = State("x");
        await storage.WriteStateAsync("notes", Grain, state);
        await storage.ClearStateAsync("notes", Grain, state);
        var read = new GrainState<Note>();
        await storage.ReadStateAsync("notes", Grain, read);
        Assert.False(read.RecordExists);
        read.State = new Note("again");
        await storage.WriteStateAsync("notes", Grain, read);
        Assert.True(read.RecordExists);
    }

    [Fact]
    public async Task Threat_36_StatePutInAnotherGrainsPlace_IsRefused()
    {
        var other = GrainId.Create("directory", "eu/other");
        await Storage().WriteStateAsync("notes", Grain, State("x"));
        var blob = await BlobAsync();
        using var seal = new StateSeal(_key, new SeededRandom(52));
        await _store.PutIfAbsentAsync(seal.NameOf("notes", other), blob.Content, default);
        await _store.PutIfAbsentAsync(seal.NameOf("other", Grain), blob.Content, default);

        await Assert.ThrowsAsync<SealException>(() => Storage().ReadStateAsync("notes", other, new GrainState<Note>()));
        await Assert.ThrowsAsync<SealException>(() => Storage().ReadStateAsync("other", Grain, new GrainState<Note>()));
    }

    [Fact]
    public async Task EveryFlippedByte_IsRefused()
    {
        await Storage().WriteStateAsync("notes", Grain, State("x"));
        var (_, content) = await BlobAsync();
        using var seal = new StateSeal(_key, new SeededRandom(53));
        for (var at = 0; at < content.Length; at++)
        {
            content[at] ^= 0x80;
            Assert.Throws<SealException>(() => seal.Open("notes", Grain, content));
            content[at] ^= 0x80;
        }
        Assert.NotEmpty(seal.Open("notes", Grain, content));
    }

    [Fact]
    public async Task EachWrite_CountsTheGenerationUp_AlsoAfterClearing()
    {
        var storage = Storage();
        var state = State("x");
        await storage.WriteStateAsync("notes", Grain, state);
        await storage.WriteStateAsync("notes", Grain, state);
        await storage.ClearStateAsync("notes", Grain, state);
        await storage.WriteStateAsync("notes", Grain, state);

        var read = new GrainState<Note>();
        await Storage().ReadStateAsync("notes", Grain, read);
        var version = StateVersion.Parse(read.ETag!);
        var (name, content) = await BlobAsync();
        Assert.Equal((4, name), (version.Generation, version.Name));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), version.Sha256);
        Assert.Equal(state.ETag, read.ETag);
    }

    /// <summary>Who can write the disk can't make an old state look new.</summary>
    [Fact]
    public async Task Threat_37_GenerationInTheHead_IsBoundToTheContent()
    {
        await Storage().WriteStateAsync("notes", Grain, State("x"));
        var (name, _) = await BlobAsync();
        _store.Damage(name, blob =>
        {
            blob[15]++;
            return blob;
        });
        await Assert.ThrowsAsync<SealException>(() => Storage().ReadStateAsync("notes", Grain, new GrainState<Note>()));
    }

    [Fact]
    public void StateThatMustBeAbleToDie_LiesInItsOwnRoom()
    {
        using var seal = new StateSeal(_key, new SeededRandom(56), "lease") { Passing = ["lock-out"] };
        Assert.StartsWith("erasable/", seal.NameOf("lease", Grain), StringComparison.Ordinal);
        Assert.StartsWith("passing/", seal.NameOf("lock-out", Grain), StringComparison.Ordinal);
        Assert.StartsWith("state/", seal.NameOf("notes", Grain), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownMemberInAState_IsRefused()
    {
        using var seal = new StateSeal(_key, new SeededRandom(54));
        var blob = seal.Seal("notes", Grain, 1, """{"text":"x","fromTheFuture":1}"""u8);
        await _store.PutIfAbsentAsync(seal.NameOf("notes", Grain), blob, default);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(
            () => Storage().ReadStateAsync("notes", Grain, new GrainState<Note>()));
    }

    private BlobGrainStorage Storage() =>
        new(_store, new StateSeal(_key, new SeededRandom(55)), new JsonStateSerializer(NoteJson.Default));

    private static GrainState<Note> State(string text) => new() { State = new Note(text) };

    private async Task<(string Name, byte[] Content)> BlobAsync()
    {
        await foreach (var info in _store.ListAsync("", null, default))
            return (info.Name, (await _store.GetAsync(info.Name, default))!.Content.ToArray());
        throw new InvalidOperationException("nothing is stored");
    }
}

public sealed record Note(string Text);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;
