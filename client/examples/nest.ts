import { AssentModule, Shows, UsesData, UsesNoData } from '@assent/client/nest';
import { Controller, Get, Module, Param } from '@nestjs/common';

const MEMBERS = ['u-123', 'u-456'].map((id) => ({
  id,
  skills: ['welding'],
  jobs: [{ title: 'Welder', salary: 41_000 }],
}));

@Controller('members')
class Members {
  @Get(':user')
  @UsesData('ads.personalised', ['member.skills'])
  @Shows({ skills: 'member.skills' }, { open: ['id'] })
  one(@Param('user') user: string) {
    return MEMBERS.find(({ id }) => id === user);
  }

  @Get()
  @UsesData('ads.personalised', ['member.skills', 'member.job_title'], { onDeny: 'mask' })
  @Shows({ skills: 'member.skills', 'jobs.title': 'member.job_title' }, { open: ['id'], owner: 'id' })
  all() {
    return MEMBERS;
  }
}

@Controller('health')
class Health {
  @Get()
  @UsesNoData()
  health() {
    return { well: true };
  }
}

const settings = {
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
  discharges: ['min_cohort_300'],
};

@Module({
  imports: [AssentModule.forRoot({ settings, requirePurpose: true })],
  controllers: [Members, Health],
})
export class App {}
