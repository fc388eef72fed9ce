using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed partial class ShreddingTests
{
    [Fact]
    public async Task Reseal_GivesAFreshTree_OpensTheOldOneForItsJob_AndForgetsItAtTheEnd()
    {
        await OrderAsync(ShredAct.BeginReseal);
        var fresh = await AgainAsync();
        Assert.Equal((1u, 0u), (fresh.Subtree.Generation, fresh.Subtree.FirstLeaf));

        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        var job = await _world.Grain<IJobsGrain>($"eu/{_tenant:N}").Open(
            admin, new("re-seal", 1, _epoch, _epoch, 100, _world.Clock.GetUtcNow().AddHours(1)));
        var request = _silo.Request(LeasePurpose.Maintain, _tenant, _silo.PartNow(3, 4)) with { Job = job.Id };
        var lease = await _silo.GrantAsync(request);
        Assert.Equal([3u, 4u], lease.Keys.Where(key => key.Kind == LeasedKeyKind.Leaf).Select(key => key.FirstLeaf));
        Assert.Equal((1u, 65_536u), (lease.Subtree.Generation, lease.Subtree.FirstLeaf));
        Assert.Equal(_ingest.Leaf(3).Span.ToArray(), lease.Keys.First(key => key.Kind == LeasedKeyKind.Leaf).Key.Span.ToArray());

        await Shredding.Order(Order(ShredAct.MoveLeaves, 3) with { NewLeaves = [65_536] });
        await OrderAsync(ShredAct.Puncture, [.. Given.Except([3u])]);
        await OrderAsync(ShredAct.EndReseal);
        await UnreadableAsync(3);
        var anew = _silo.PartNow(0) with { Generation = 1 };
        await _silo.GrantAsync(_silo.Request(LeasePurpose.Read, _tenant, anew) with { AccessToken = _auditor });
        await Refusal.IsAsync(
            ControlRefusal.NotFound,
            () => _silo.GrantAsync(request with { Nonce = new byte[32] }));
    }

    [Fact]
    public async Task Reseal_DoesNotEnd_WhileAnythingIsLeftUnderTheOldTree_AndHoldsMoveAlong()
    {
        await OrderAsync(ShredAct.Hold, 4);
        await OrderAsync(ShredAct.BeginReseal);
        await AgainAsync(); // leaves of the fresh tree
        Assert.Contains("neither moved nor erased", await RefusedAsync(Order(ShredAct.EndReseal)));
        await OrderAsync(ShredAct.Puncture, [.. Given.Except([3u, 4u])]);
        var wrong = Order(ShredAct.MoveLeaves, 3, 4);
        foreach (var to in new uint[]?[] { null, [8], [8, 8], [8, 70_000] }) // the last was never given out
            await RefusedAsync(wrong with { Id = Order(ShredAct.MoveLeaves).Id, NewLeaves = to });

        await Shredding.Order(Order(ShredAct.MoveLeaves, 3) with { NewLeaves = [8] });
        Assert.Contains("from 0 on", await RefusedAsync(Order(ShredAct.EndReseal))); // 4 is left
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3, 4) with { NewLeaves = [8, 9] }); // 3 was moved before
        await OrderAsync(ShredAct.EndReseal);

        var puncture = Order(ShredAct.Puncture, 9);
        var held = puncture with { Part = puncture.Part with { Generation = 1 } };
        Assert.Contains("legal hold", await RefusedAsync(held));
        await OrderAsync(ShredAct.EndPart);
        var fresh = new LeaseTarget(1, _epoch, 1, [9]);
        var reading = _silo.Request(LeasePurpose.Read, _tenant, fresh) with { AccessToken = _auditor };
        Assert.Single((await _silo.GrantAsync(reading)).Keys);
    }

    [Fact]
    public async Task Reseal_ErasesUnderTheNewLeaf_WhatWasErasedBeforeItCouldMove()
    {
        await OrderAsync(ShredAct.BeginReseal);
        var lease = await ResealLeaseAsync(3, 4);
        var to = lease.Subtree.FirstLeaf;
        await OrderAsync(ShredAct.Puncture, 3); // while its mail was being sealed anew
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3, 4) with { NewLeaves = [to, to + 1] });
        await UnreadableAsync(to, 1);
        await ReadAnewAsync(to + 1);
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3, 4) with { NewLeaves = [to, to + 1] }); // told once more
        await ReadAnewAsync(to + 1);
    }

    [Fact]
    public async Task Reseal_GivesUpWhatNobodyUsed_ButNothingHeld_AndClosesWhatItTookForItself()
    {
        await OrderAsync(ShredAct.Hold, 9);
        await OrderAsync(ShredAct.BeginReseal);
        var lease = await ResealLeaseAsync(3, 4, 5);
        var to = lease.Subtree.FirstLeaf;
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3, 4, 5) with { NewLeaves = [to, to + 1, to + 2] });
        var all = Order(ShredAct.GiveUp);
        Assert.Contains("legal hold", await RefusedAsync(all with { Ranges = [new(0, 65_536)] }));
        Assert.Contains("ranges", await RefusedAsync(Order(ShredAct.GiveUp)));
        await Shredding.Order(Order(ShredAct.GiveUp) with { Ranges = [new(0, 9), new(10, 65_526)] });
        Assert.Contains("from 0 on", await RefusedAsync(Order(ShredAct.EndReseal))); // the held one
        await OrderAsync(ShredAct.LetGo, 9);
        await Shredding.Order(Order(ShredAct.GiveUp) with { Ranges = [new(9, 1)] });
        await OrderAsync(ShredAct.EndReseal);
        await OrderAsync(ShredAct.EndReseal);
        await ReadAnewAsync(to, to + 1, to + 2);
        await UnreadableAsync(to + 3, 1); // of four that were taken for three
    }

    /// <summary>Then the log names leaves that are gone; what they held lives under the old ones alone.</summary>
    [Fact]
    public async Task Reseal_KeepsTheOldLeaf_WhoseNewOneWasErased_UntilItIsSealedOnceMore()
    {
        await OrderAsync(ShredAct.BeginReseal);
        var lease = await ResealLeaseAsync(3, 4);
        var to = lease.Subtree.FirstLeaf;
        var gone = Order(ShredAct.Puncture, to);
        await Shredding.Order(gone with { Part = gone.Part with { Generation = 1 } });
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3, 4) with { NewLeaves = [to, to + 1] });
        await ReadAnewAsync(to + 1);
        await ReadAsync(3);
        await UnreadableAsync(4);
        var again = (await ResealLeaseAsync(3)).Subtree.FirstLeaf;
        await Shredding.Order(Order(ShredAct.MoveLeaves, 3) with { NewLeaves = [again] });
        await ReadAnewAsync(again);
        await UnreadableAsync(3);
    }

    [Fact]
    public async Task Reseal_RefusedStep_IsTriedAgain()
    {
        var move = Order(ShredAct.MoveLeaves, 3) with { NewLeaves = [8] };
        Assert.Contains("no re-seal", await RefusedAsync(move));
        await OrderAsync(ShredAct.BeginReseal);
        await AgainAsync(); // leaves of the fresh tree
        await Shredding.Order(move);
        await UnreadableAsync(3);
    }

    private async Task<Lease> ResealLeaseAsync(params uint[] leaves)
    {
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        var job = await _world.Grain<IJobsGrain>($"eu/{_tenant:N}").Open(
            admin, new("re-seal", 1, _epoch, _epoch, 100, _world.Clock.GetUtcNow().AddHours(1)));
        return await _silo.GrantAsync(
            _silo.Request(LeasePurpose.Maintain, _tenant, _silo.PartNow(leaves)) with { Job = job.Id });
    }

    private Task ReadAnewAsync(params uint[] leaves) => _silo.GrantAsync(Anew(leaves));

    private Task UnreadableAsync(uint leaf, uint generation) =>
        Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.GrantAsync(generation == 0 ? Reading(leaf) : Anew(leaf)));

    private LeaseRequest Anew(params uint[] leaves) => _silo.Request(
        LeasePurpose.Read, _tenant, _silo.PartNow(leaves) with { Generation = 1 }) with { AccessToken = _auditor };
}
